"use strict";
// The data of the page, as `page.rs` writes it, in words. Services, commits and texts are named by their place in a list.

const data = JSON.parse(document.getElementById("data").textContent);
const SKIP = 0, BUILD = 1, EMPTY = 2, FALSE_SKIP = 3, MORE = 4;
const KINDS = ["added", "modified", "deleted", "mode", "differs"];
const against = data.against;

// Each commit: what happened there by service; services that are not in it were skipped.
const commits = data.commits.map(([id, time, subject, merge, builds, changes, flips, others, lost]) => {
  const cells = new Map();
  for (let i = 0; i < builds.length; i += 2) {
    cells.set(builds[i], { state: builds[i + 1] ? BUILD : EMPTY, inputs: builds[i + 1] });
  }
  for (let i = 0; i < flips.length; i += 3) {
    cells.set(flips[i], { state: flips[i + 1] ? FALSE_SKIP : MORE, inputs: flips[i + 2] });
  }
  return { id, time, subject, merge, cells, changes, others, lost };
});
const services = data.services.map(([name, builds, empty, skips, longest, minutes, saved], index) => {
  return { name, builds, empty, skips, longest, minutes, saved, index, flips: 0 };
});
const flips = [];
commits.forEach((commit, at) => commit.cells.forEach((cell, service) => {
  if (cell.state >= FALSE_SKIP) {
    flips.push([at, service, cell.state]);
    services[service].flips += 1;
  }
}));
// The dangerous ones first, each kind from the newest.
flips.sort((one, other) => one[2] - other[2] || other[0] - one[0] || one[1] - other[1]);

const stateAt = (at, service) => commits[at].cells.get(service)?.state ?? SKIP;

// The inputs that decide a cell, as far as they are listed: how each differs, its path, and the rule.
function inputsOf(at, service) {
  const found = [];
  const commit = commits[at];
  if (stateAt(at, service) === FALSE_SKIP) {
    for (let i = 0; i < commit.others.length; i += 5) {
      const [of, path, kind, rule, via] = commit.others.slice(i, i + 5);
      if (of === service) found.push([KINDS[kind], data.texts[path], data.texts[rule], via < 0 ? "" : data.texts[via]]);
    }
    return found;
  }
  for (let i = 0; i < commit.changes.length; i += 3) {
    const [path, kind, verdict] = commit.changes.slice(i, i + 3);
    const claims = data.verdicts[verdict];
    for (let c = 0; c < claims.length; c += 3) {
      if (claims[c] === service) {
        const via = claims[c + 2];
        found.push([KINDS[kind], data.texts[path], data.texts[claims[c + 1]], via < 0 ? "" : data.texts[via]]);
      }
    }
  }
  return found;
}

const date = (at) => new Date(commits[at].time * 1000).toISOString();
const day = (at) => date(at).slice(0, 10);
const minute = (at) => date(at).slice(0, 16).replace("T", " ") + " UTC";
const short = (id) => id.slice(0, 12);
const count = (number, noun) => `${number.toLocaleString("en")} ${noun}${number === 1 ? "" : noun.endsWith("h") ? "es" : "s"}`;
const share = (part, all) => (all === 0 ? "–" : part > 0 && part * 100 < all ? "<1%" : `${Math.floor((part * 100) / all)}%`);
const number = (value) => value.toLocaleString("en", { maximumFractionDigits: 1 });

// One sentence: what was decided, and what that means.
function sentence(at, service) {
  switch (stateAt(at, service)) {
    case BUILD: return "builds: an input differs from the commit before";
    case EMPTY: return "builds: its rules select no file there, which is a doubt";
    case FALSE_SKIP: return `possible false skip: ${against.map} builds, ${data.map} skips`;
    case MORE: return `builds more: ${data.map} builds, ${against.map} skips`;
    default: return "skipped: no input differs from the commit before";
  }
}
