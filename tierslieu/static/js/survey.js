/* A questionnaire: what hangs on an answer of the same page comes and goes with it, and a number is
   moved on a line. Without a script everything is shown, and the place keeps what was to be asked. */
const form = document.querySelector("form.survey");
const before = JSON.parse(form.dataset.before);

// What is answered now, by variable: as the place will read it.
const answers = () => {
  const found = {...before};
  for (const [name, value] of new FormData(form)) {
    if (name.startsWith("q-") && value !== "") found[name.slice(2)] = String(value);
  }
  for (const [name, value] of Object.entries(found)) {
    const item = /^(.+)__(refus|sans_objet)$/.exec(name);
    if (item && value) found[item[1]] = item[2] === "refus" ? "-98" : "-96";
  }
  return found;
};

const holds = (condition, found) => {
  if (condition.all) return condition.all.every((part) => holds(part, found));
  if (condition.any) return condition.any.some((part) => holds(part, found));
  if (condition.not) return !holds(condition.not, found);
  const answer = found[condition.item] ?? "";
  if (condition.answered) return answer !== "";
  const number = Number(answer.replace(",", "."));
  if (answer === "" || Number.isNaN(number)) return false;
  if (condition.is) return condition.is.includes(number);
  if (number < 0) return false;
  return condition.at_least === undefined ? number <= condition.at_most : number >= condition.at_least;
};

const show = () => {
  // In their order: what is hidden is not sent, and the next condition no longer finds it.
  for (const part of form.querySelectorAll("[data-when]")) {
    const asked = holds(JSON.parse(part.dataset.when), answers());
    part.hidden = !asked;
    for (const field of part.querySelectorAll("input, select, textarea")) field.disabled = !asked;
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
