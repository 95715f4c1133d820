// Writes a text into the fields of these labels in a button's form, whatever they would take. It is the body of a function.
const [{ form }, labels, text] = arguments;
form.noValidate = true;
for (const label of labels) {
  const isNamed = (field) => [...(field.labels ?? [])].some((its) => its.textContent.trim().startsWith(label));
  const field = [...form.elements].find(isNamed);
  if (!field) throw new Error(`the form has no ${label}`);
  field.removeAttribute("maxlength");
  if (field.matches("input")) field.type = "text";
  field.value = text;
}
