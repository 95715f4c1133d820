// Body of a function that returns the id of the focused element, and the text of the elements that describe it.
const { id, attributes } = document.activeElement;
const ids = attributes["aria-describedby"]?.value.split(" ") ?? [];
return [id, ids.map((described) => document.getElementById(described).textContent.trim()).join(" ")];
