"""What the commands about badges share: opening the application with settings that may be wrong."""

from __future__ import annotations

import click
from flask import Flask

from tierslieu.settings import BadSetting, read_settings


def open_app() -> Flask:
    """The application of this instance; a wrong setting is a wrong use of the command."""
    from tierslieu.app import create_app

    try:
        return create_app(read_settings())
    except BadSetting as error:
        raise click.UsageError(str(error)) from error
