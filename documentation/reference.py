"""The pages of reference that are made from the code: commands and calls of the API."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import Any

import click


def each_command(
    command: click.Command | None = None, path: str = "tierslieu"
) -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, with what one types, in the order of ``--help``."""
    if command is None:
        from tierslieu.cli import main as command
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    if command.invoke_without_command:
        yield path, command
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from each_command(found, f"{path} {name}")


def _in_cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def describe_commands() -> str:
    """The page of commands, in Markdown."""
    lines = [
        "# Commands\n",
        "Made from the code. Each exits 0 on success, 1 when the answer is no, 2 on wrong use; "
        "`--help` on each says the same as here.\n",
    ]
    for path, command in each_command():
        context = click.Context(command, info_name=path)
        usage = " ".join([path, *command.collect_usage_pieces(context)])
        lines += [f"## {path}\n", f"```text\n{usage}\n```\n"]
        lines.append("\n\n".join(_in_cell(p) for p in (command.help or "").split("\n\n")) + "\n")
        records = [r for p in command.get_params(context) if (r := p.get_help_record(context))]
        rows = [
            f"| `{name}` | {_in_cell(said)} |" for name, said in records if "--help" not in name
        ]
        if rows:
            lines += ["| option | is |", "| --- | --- |", *rows, ""]
    return "\n".join(lines)


def openapi() -> dict[str, Any]:
    """The description of the API that a new place gives at ``/api/v1/openapi.json``."""
    from tierslieu.app import create_app
    from tierslieu.settings import read_settings

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(read_settings({"TIERSLIEU_INSTANCE": folder}), TESTING=True)
        document: dict[str, Any] = app.test_client().get("/api/v1/openapi.json").get_json()
    return document


def _fields(schema: dict[str, Any]) -> Iterator[str]:
    for name, field in schema.get("properties", {}).items():
        kinds = [k for k in (field, *field.get("anyOf", [])) if "type" in k or "$ref" in k]
        kind = " or ".join(k.get("type") or k["$ref"].rpartition("/")[2] for k in kinds)
        must = "required" if name in schema.get("required", []) else ""
        yield f"| `{name}` | {kind or 'any'} | {must} | {_in_cell(field.get('description', ''))} |"


def describe_api() -> str:
    """The page of calls, in Markdown."""
    document = openapi()
    lines = [
        "# Calls of the API\n",
        "Made from the code: what a place says of itself at `/api/v1/openapi.json` "
        "(OpenAPI 3.1). How keys, refusals and lists work is on the page of [the API](api.md).\n",
    ]
    for path, calls in document["paths"].items():
        for method, call in calls.items():
            scopes = ", ".join(f"`{s}`" for s in call["security"][0]["bearer"]) or "any"
            lines += [f"## {method.upper()} {path}\n", f"{call['summary']} Key: {scopes}.\n"]
            asked = [
                f"| `{p['name']}` | {p['in']} | {'required' if p.get('required') else ''} |"
                for p in call.get("parameters", [])
                if "name" in p
            ]
            if asked:
                lines += ["| parameter | in | |", "| --- | --- | --- |", *asked, ""]
            lines += [f"Body: {kind}.\n" for kind in _schemas(call.get("requestBody", {}))]
            lines += ["| status | answer |", "| --- | --- |"]
            for status, answer in call["responses"].items():
                body = ", ".join(_schemas(answer)) if status.startswith("2") else ""
                said = body or f"`{'`, `'.join(answer['description'].split(', '))}`"
                lines.append(f"| {status} | {said} |")
            lines.append("")
    lines.append("## Shapes\n")
    for name, schema in sorted(document["components"]["schemas"].items()):
        rows = list(_fields(schema))
        lines += [f"### {name}\n", f"{_in_cell(schema.get('description', ''))}\n"]
        if rows:
            lines += ["| member | type | | is |", "| --- | --- | --- | --- |", *rows, ""]
    return "\n".join(lines)


def _schemas(message: dict[str, Any]) -> Iterator[str]:
    """Links to the shapes a message may have."""
    for content in message.get("content", {}).values():
        if name := content.get("schema", {}).get("$ref", "").rpartition("/")[2]:
            yield f"[{name}](#{name.lower()})"
