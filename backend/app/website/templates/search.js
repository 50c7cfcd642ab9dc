"use strict";
const MONTHS = MONTHS_OF_THE_SITE;
const MAX_RESULTS = 100;
const field = document.getElementById("words");
const found = document.getElementById("found");
const results = document.getElementById("results");
const loaded = new Map();
let latest = 0;

async function month(name) {
  if (!loaded.has(name)) {
    const answer = await fetch(`search/${name}.json`);
    if (!answer.ok) throw new Error(`search/${name}.json: ${answer.status}`);
    loaded.set(name, await answer.json());
  }
  return loaded.get(name);
}

function result([id, day, title, site]) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `story/${id}.html`;
  link.textContent = title;
  const facts = document.createElement("span");
  facts.textContent = ` ${site ? site + " · " : ""}${day}`;
  item.append(link, facts);
  return item;
}

async function search() {
  const mine = ++latest;
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  results.replaceChildren();
  found.textContent = "";
  if (!words.length) return;
  let count = 0;
  try {
    for (const name of MONTHS) {
      for (const story of await month(name)) {
        const text = `${story[2]} ${story[3]}`.toLowerCase();
        if (!words.every((word) => text.includes(word))) continue;
        if (mine !== latest) return;
        if (++count <= MAX_RESULTS) results.append(result(story));
      }
      if (mine !== latest) return;
      if (count >= MAX_RESULTS) break;
    }
    found.textContent = count === 0 ? "No stories found." : count === 1 ? "1 story"
      : count >= MAX_RESULTS ? `The ${MAX_RESULTS} newest stories` : `${count} stories`;
  } catch (error) {
    if (mine === latest) found.textContent = `The index could not be loaded (${error.message}).`;
  }
}

field.disabled = false;
field.addEventListener("input", search);
