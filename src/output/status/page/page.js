"use strict";
// Filters rows, moves between cells by keys, and keeps ages current. Everything shown is in the page already.
const rows = [...document.querySelectorAll("#services tbody tr")];
const filter = document.getElementById("filter"), doubtful = document.getElementById("doubtful");
const shown = document.getElementById("shown");

function show() {
  const part = filter.value.trim().toLowerCase();
  let number = 0;
  for (const row of rows) {
    const named = row.dataset.service.toLowerCase().includes(part);
    row.hidden = !named || (doubtful.checked && !row.querySelector("td.doubtful"));
    if (!row.hidden) number += 1;
  }
  shown.textContent = number === rows.length ? "" : number + " of " + rows.length + " services";
}

// As the program writes ages: one unit, hours up to two days.
function age(seconds) {
  const unit = (length, word) => {
    const number = Math.floor(seconds / length);
    return number + " " + word + (number === 1 ? "" : "s");
  };
  if (seconds < 60) return "just now";
  if (seconds < 3600) return unit(60, "minute");
  if (seconds < 172800) return unit(3600, "hour");
  return unit(86400, "day");
}

function ages() {
  for (const time of document.querySelectorAll("time")) {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    time.textContent = age(seconds) + (time.closest("#at") && seconds >= 60 ? " ago" : "");
    time.title = time.dateTime;
  }
  const made = document.querySelector("#at time");
  made.classList.toggle("old", Date.now() - Date.parse(made.dateTime) > 86400000);
}

// The cell in that direction that can be opened, past hidden rows and places where a service does not exist.
function next(cell, key) {
  const row = cell.parentElement;
  if (key === "ArrowLeft" || key === "ArrowRight") {
    const step = key === "ArrowLeft" ? "previousElementSibling" : "nextElementSibling";
    for (let at = cell[step]; at; at = at[step]) if (at.querySelector("summary")) return at;
    return null;
  }
  const visible = rows.filter((one) => !one.hidden);
  const at = visible.indexOf(row), step = key === "ArrowUp" ? -1 : 1;
  const cells = key === "Home" ? visible : key === "End" ? [...visible].reverse() : null;
  if (cells) return cells.map((one) => one.cells[cell.cellIndex]).find((one) => one.querySelector("summary"));
  for (let to = at + step; to >= 0 && to < visible.length; to += step) {
    if (visible[to].cells[cell.cellIndex].querySelector("summary")) return visible[to].cells[cell.cellIndex];
  }
  return null;
}

document.getElementById("services").addEventListener("keydown", (event) => {
  const cell = event.target.closest("td");
  if (!cell || event.target.tagName !== "SUMMARY") return;
  const details = cell.querySelector("details");
  if (event.key === "Enter" || event.key === " ") {
    details.open = !details.open;
  } else if (event.key === "Escape") {
    details.open = false;
  } else if (["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) {
    const to = next(cell, event.key);
    if (to) to.querySelector("summary").focus();
  } else {
    return;
  }
  event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "/" && event.target !== filter) {
    filter.focus();
    event.preventDefault();
  }
});
filter.addEventListener("input", show);
doubtful.addEventListener("change", show);
ages();
setInterval(ages, 60000);
