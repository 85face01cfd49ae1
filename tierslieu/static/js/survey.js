/* A questionnaire: what hangs on an answer of the same page comes and goes with it, and a number is
   moved on a line. Without a script everything is shown, and the place keeps what was to be asked. */
const form = document.querySelector("form.survey");
const before = JSON.parse(form.dataset.before);
const items = JSON.parse(form.dataset.items); // each with its variables, in their order

const fields = new Map();
for (const field of form.elements) {
  if (field.name.startsWith("q-")) fields.set(field.name, [...(fields.get(field.name) ?? []), field]);
}
const parts = new Map();
for (const part of form.querySelectorAll("[data-when]")) parts.set(part.dataset.item, part);

// What the place will read in a field: see checking.py.
const read = (name) => {
  for (const field of fields.get(`q-${name}`) ?? []) {
    const isBox = ["radio", "checkbox"].includes(field.type);
    if (isBox && !field.checked) continue;
    if (field.inputMode) return field.value.replace(/[\s\u00a0\u202f]/g, "").replace(",", ".");
    return field.value.trim();
  }
  return "";
};

// And what it will keep of an item, by variable.
const answersTo = (item, variables) => {
  const refusal = read(`${item}__refus`) ? "-98" : read(`${item}__sans_objet`) ? "-96" : "";
  if (refusal) return variables.map((name) => [name, refusal]);
  const found = variables.map((name) => [name, read(name)]);
  const areBoxes = fields.get(`q-${variables[0]}`)?.[0].type === "checkbox";
  if (!areBoxes || found.every(([, answer]) => answer === "")) return found;
  return found.map(([name, answer]) => [name, answer || "0"]); // one is ticked: the others are not
};

const holds = (condition, found) => {
  if (condition.all) return condition.all.every((part) => holds(part, found));
  if (condition.any) return condition.any.some((part) => holds(part, found));
  if (condition.not) return !holds(condition.not, found);
  const answer = found.get(condition.item) ?? "";
  if (condition.answered) return answer !== "";
  if (!/^-?\d+(\.\d+)?$/.test(answer)) return false;
  const number = Number(answer);
  if (condition.is) return condition.is.includes(number);
  if (number < 0) return false;
  return condition.at_least === undefined ? number <= condition.at_most : number >= condition.at_least;
};

const show = () => {
  const found = new Map(Object.entries(before));
  for (const [item, variables] of items) {
    const part = parts.get(item);
    const asked = !part || holds(JSON.parse(part.dataset.when), found);
    if (part) {
      // What the place found wrong is never hidden: one could not put it right.
      part.hidden = !asked && !part.querySelector(".error");
      for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = part.hidden;
    }
    if (!asked) continue;
    for (const [name, answer] of answersTo(item, variables)) if (answer !== "") found.set(name, answer);
  }
};

for (const box of form.querySelectorAll("[data-slider]")) {
  const number = box.querySelector("input");
  const line = document.createElement("input");
  line.type = "range";
  for (const name of ["min", "max", "step"]) line[name] = number[name];
  line.setAttribute("aria-label", box.dataset.slider);
  const unset = () => {
    line.classList.toggle("unset", number.value === "");
    if (number.value === "") line.setAttribute("aria-valuetext", "–");
    else line.removeAttribute("aria-valuetext");
  };
  const follow = () => {
    if (number.value !== "") line.value = number.value;
    unset();
  };
  line.addEventListener("input", () => {
    number.value = line.value;
    unset();
    number.dispatchEvent(new Event("change", {bubbles: true}));
  });
  number.addEventListener("input", follow);
  number.after(line);
  follow();
}

form.addEventListener("input", show);
form.addEventListener("change", show);
show();
