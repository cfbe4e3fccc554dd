// What the reader does, and the words beside the drawing. Text is only ever set as text.

const $ = (id) => document.getElementById(id);

function element(tag, text, name) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  if (name) made.className = name;
  return made;
}

function showWhy() {
  const why = $("why");
  why.replaceChildren();
  if (!view.selected) {
    why.append(element("p", "Click a cell, or move with the arrow keys, to see why a service was built or skipped at a commit.", "faint"));
    return;
  }
  const [at, service] = view.selected, commit = commits[at], state = stateAt(at, service);
  const heading = element("h3", `${services[service].name} `);
  heading.append(element("span", sentence(at, service), state === FALSE_SKIP ? "danger" : state === MORE ? "more" : "faint"));
  const line = element("p");
  line.append(element("span", short(commit.id), "mono"), ` ${minute(at)}${commit.merge ? ", a merge" : ""} — ${commit.subject}`);
  why.append(heading, line);
  const inputs = inputsOf(at, service), all = commit.cells.get(service)?.inputs ?? 0;
  if (inputs.length || all) {
    const list = element("ul");
    for (const [kind, path, rule, via] of inputs) {
      const item = element("li"), what = element("span");
      what.append(element("span", path, "mono"), element("span", ` by ${rule}${via ? ` (${via})` : ""}`, "faint"));
      item.append(element("span", kind, "faint"), what);
      list.append(item);
    }
    if (all > inputs.length) list.append(element("li", ""), element("p", `and ${count(all - inputs.length, "input")} more`, "faint"));
    why.append(list);
  }
  for (let i = 0; i < commit.lost.length; i += 2) {
    if (commit.lost[i] !== service) continue;
    const text = `In the simulation this build failed, and a HEAD~1 rule skipped the service falsely for ${count(commit.lost[i + 1], "push")} after it.`;
    why.append(element("p", text, "danger"));
  }
}

function select(at, service, scroll) {
  view.selected = [at, service];
  if (scroll && !view.rows.some((row) => row.index === service)) { $("filter").value = ""; $("flipped").checked = false; filter(); }
  if (scroll) {
    const row = view.rows.findIndex((one) => one.index === service), x = at * view.width, wide = grid.clientWidth - view.names;
    if (x < grid.scrollLeft || x + view.width > grid.scrollLeft + wide) grid.scrollLeft = x - wide / 2;
    const y = row * ROW, high = grid.clientHeight - AXIS;
    if (y < grid.scrollTop || y + ROW > grid.scrollTop + high) grid.scrollTop = y - high / 2;
  }
  draw();
  showWhy();
}

function filter() {
  const words = $("filter").value.toLowerCase().split(/[\s,]+/).filter(Boolean), only = $("flipped").checked;
  const wanted = (one) => (!only || one.flips) && (!words.length || words.some((word) => one.name.toLowerCase().includes(word)));
  view.rows = services.filter(wanted);
  layout();
  fillTables();
}

// To the next cell that matters, in the order of the commits and, within one, of the rows.
function jump(step) {
  const wanted = (at, service) => stateAt(at, service) >= (against ? FALSE_SKIP : BUILD);
  const rows = view.rows.map((row) => row.index);
  if (!rows.length || !commits.length) return;
  let [at, service] = view.selected ?? [step > 0 ? 0 : commits.length - 1, null];
  let row = service === null ? (step > 0 ? -1 : rows.length) : rows.indexOf(service);
  for (let tried = 0; tried <= commits.length; tried++) {
    for (row += step; row >= 0 && row < rows.length; row += step) if (wanted(at, rows[row])) return select(at, rows[row], true);
    at = (at + step + commits.length) % commits.length;
    row = step > 0 ? -1 : rows.length;
  }
}

function move(key) {
  const rows = view.rows.map((row) => row.index);
  if (!rows.length || !commits.length) return false;
  let [at, service] = view.selected ?? [commits.length - 1, rows[0]];
  let row = Math.max(0, rows.indexOf(service));
  if (view.selected) {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], PageUp: [0, -10], PageDown: [0, 10], Home: [-1e9, 0], End: [1e9, 0] }[key];
    if (!by) return false;
    at = Math.min(commits.length - 1, Math.max(0, at + by[0]));
    row = Math.min(rows.length - 1, Math.max(0, row + by[1]));
  }
  select(at, rows[row], true);
  return true;
}

function zoom(step) {
  const middle = (grid.scrollLeft + (grid.clientWidth - view.names) / 2) / view.width;
  const width = step > 0 ? WIDTHS.find((one) => one > view.width) : WIDTHS.findLast((one) => one < view.width);
  if (!width) return;
  view.width = width;
  layout();
  grid.scrollLeft = middle * view.width - (grid.clientWidth - view.names) / 2;
  draw();
}

function row(cellsOfRow, name) {
  const made = element("tr", undefined, name);
  for (const [text, kind] of cellsOfRow) {
    const cell = element("td", undefined, kind);
    cell.append(text);
    made.append(cell);
  }
  return made;
}

function go(text, at, service) {
  const button = element("button", text);
  button.type = "button";
  button.addEventListener("click", () => { select(at, service, true); grid.focus({ preventScroll: true }); grid.scrollIntoView({ block: "nearest" }); });
  return button;
}

function heads(table, names) {
  const line = element("tr");
  for (const [text, kind] of names) { const cell = element("th", text, kind); cell.scope = "col"; line.append(cell); }
  table.tHead.replaceChildren(line);
}

const PAGE = 100, limits = { flips: PAGE, lost: PAGE };

function fillTables() {
  const seen = new Set(view.rows.map((one) => one.index));
  fill("services", view.rows.map(serviceRow), view.rows.length > 1 ? [totalRow(view.rows)] : []);
  if (against) rows("flips", flips.filter(([, service]) => seen.has(service)), ([at, service, state]) => {
    const [kind, path, rule] = inputsOf(at, service)[0] ?? ["", "no file is selected there", ""];
    const more = (commits[at].cells.get(service).inputs || 1) - 1;
    const what = element("span", state === FALSE_SKIP ? "▲ possible false skip" : "▼ builds more", state === FALSE_SKIP ? "danger" : "more");
    return row([[what, "nowrap"], [go(short(commits[at].id), at, service), "mono"], [day(at), "nowrap"], [services[service].name], [`${kind} ${path}${more > 0 ? ` and ${more} more` : ""}`, "mono"], [rule, "mono faint"]]);
  });
  if (data.loss) rows("lost", data.loss.lost.filter(([, service]) => seen.has(service)), ([at, service, behind, until, path, total]) => {
    const text = path < 0 ? "" : data.texts[path] + (total > 1 ? ` and ${total - 1} more` : "");
    return row([[go(short(commits[at].id), at, service), "mono"], [day(at), "nowrap"], [services[service].name], [count(behind, "push"), "nowrap"], [until < 0 ? "never" : go(short(commits[until].id), until, service), "mono"], [text, "mono"]]);
  });
}

function rows(name, all, make) {
  fill(name, all.slice(0, limits[name]).map(make), []);
  const more = $(`more-${name}`), rest = all.length - limits[name];
  more.hidden = rest <= 0;
  more.textContent = `Show more (${number(Math.max(0, rest))} left)`;
}

function fill(name, body, foot) {
  $(name).tBodies[0].replaceChildren(...body, ...foot);
}

function serviceRow(one) {
  const all = one.builds + one.skips, bar = element("meter");
  bar.max = all || 1;
  bar.value = one.skips;
  bar.title = `${share(one.skips, all)} skipped`;
  const skipped = element("span", `${share(one.skips, all)} `);
  skipped.append(bar);
  const line = [[one.name], [number(one.builds) + (one.empty ? ` (${one.empty} without a file)` : ""), "number"], [number(one.skips), "number"], [skipped, "number"], [one.longest, "nowrap"]];
  if (data.minutes) line.push([one.saved === null ? "?" : number(one.saved), "number"]);
  if (against) line.push([number(one.flips), "number"]);
  return row(line);
}

function totalRow(of) {
  const sum = (what) => of.reduce((all, one) => all + what(one), 0), builds = sum((one) => one.builds), skips = sum((one) => one.skips);
  const line = [[of.length === services.length ? "all" : `these ${of.length}`], [number(builds), "number"], [number(skips), "number"], [share(skips, builds + skips), "number"], [""]];
  if (data.minutes) line.push([of.some((one) => one.saved === null) ? "?" : number(sum((one) => one.saved)), "number"]);
  if (against) line.push([number(sum((one) => one.flips)), "number"]);
  return row(line, "total");
}

function words() {
  const { builds, skips, saved, minutes } = data.totals, loss = data.loss;
  $("title").textContent = `${data.project}, ${data.environment}: ${data.map} over ${count(commits.length, "commit")}`;
  $("span").textContent = commits.length ? `${day(0)} to ${day(commits.length - 1)}, ${short(data.revision)}; each commit against its first parent` : "There is nothing to replay.";
  const tile = (name, value, rest, kind) => {
    const made = element("div"), shown = element("dd", value, kind);
    if (rest) shown.append(" ", element("small", rest));
    made.append(element("dt", name), shown);
    $("tiles").append(made);
  };
  tile("builds", number(builds), `instead of ${number(builds + skips)}`);
  tile("skipped", share(skips, builds + skips), number(skips));
  if (minutes !== null) tile("minutes saved", number(saved), `of ${number(minutes)}`);
  if (against) {
    tile("possible false skips", number(flips.filter(([, , state]) => state === FALSE_SKIP).length), "▲", "danger");
    tile("builds more", number(flips.filter(([, , state]) => state === MORE).length), "▼", "more");
  }
  if (loss) tile("lost by HEAD~1", number(loss.all), `at ${number(loss.rate * 100)}% failures`, loss.all ? "danger" : "");
  for (const note of data.notes) $("notes").append(element("li", note));
  const legend = [[BUILD, "built"], [SKIP, "skipped"]];
  if (services.some((one) => one.empty)) legend.push([EMPTY, "built: no file is selected"]);
  if (against) legend.push([FALSE_SKIP, `possible false skip (${against.map} builds)`], [MORE, `builds more (${against.map} skips)`]);
  for (const [state, text] of legend) {
    const item = element("span"), canvas = element("canvas");
    canvas.dataset.state = state;
    item.append(canvas, text);
    $("legend").append(item);
  }
  const wanted = against ? "flip" : "build";
  $("previous").textContent = `‹ ${wanted}`;
  $("next").textContent = `${wanted} ›`;
  $("flipped-label").hidden = $("flips-section").hidden = !against;
  if (against) $("flips-title").textContent = `Against ${against.map}: ${count(flips.length, "decision")} ${flips.length === 1 ? "differs" : "differ"}`;
  const headings = [["service"], ["builds", "number"], ["skips", "number"], ["skipped", "number"], ["longest run of skips"]];
  if (data.minutes) headings.push(["minutes saved", "number"]);
  if (against) headings.push(["flips", "number"]);
  heads($("services"), headings);
  heads($("flips"), [["what"], ["commit"], ["day"], ["service"], ["input that decides"], ["rule"]]);
  heads($("lost"), [["lost at"], ["day"], ["service"], ["behind for"], ["deployed at"], ["inputs"]]);
  $("lost-section").hidden = !loss;
  if (loss) {
    $("lost-title").textContent = `If ${number(loss.rate * 100)}% of builds fail`;
    $("lost-text").textContent = `A HEAD~1 rule loses ${count(loss.all, "deploy")} and skips falsely ${count(loss.falseSkips, "time")}. shipmark's mark loses none, with ${count(loss.extra, "build")} more. Seed ${loss.seed}.`;
  }
}

function recolor() {
  readColors();
  for (const canvas of document.querySelectorAll("#legend canvas")) mark(sized(canvas, 14, 18), Number(canvas.dataset.state), 0, 0, 14, 18);
  drawWhole();
  draw();
}

function listen() {
  grid.addEventListener("scroll", () => requestAnimationFrame(draw));
  grid.addEventListener("click", (event) => { const cell = cellAt(event); if (cell) select(...cell, false); });
  grid.addEventListener("mousemove", (event) => {
    const cell = cellAt(event), tip = $("tip");
    tip.hidden = !cell;
    if (!cell) return;
    const [at, service] = cell, first = inputsOf(at, service)[0];
    tip.textContent = `${services[service].name}, ${short(commits[at].id)}, ${day(at)}: ${sentence(at, service)}${first ? `: ${first[1]}` : ""}`;
    tip.style.left = `${Math.max(8, Math.min(event.clientX + 14, innerWidth - tip.offsetWidth - 8))}px`;
    tip.style.top = `${event.clientY + 18 + tip.offsetHeight > innerHeight ? event.clientY - tip.offsetHeight - 10 : event.clientY + 18}px`;
  });
  grid.addEventListener("mouseleave", () => { $("tip").hidden = true; });
  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.toLowerCase();
    if (key === "n" || key === "p") { jump(key === "n" ? 1 : -1); event.preventDefault(); }
    else if (event.key === "Escape") { view.selected = null; draw(); showWhy(); }
    else if (event.key === "+" || event.key === "-") { zoom(event.key === "+" ? 1 : -1); event.preventDefault(); }
    else if (/^(Arrow|Page|Home|End|Enter)/.test(event.key) && move(event.key)) event.preventDefault();
  });
  overview.addEventListener("click", (event) => {
    const box = overview.getBoundingClientRect(), part = (event.clientX - box.left) / box.width;
    grid.scrollLeft = part * commits.length * view.width - (grid.clientWidth - view.names) / 2;
  });
  $("filter").addEventListener("input", filter);
  $("flipped").addEventListener("change", filter);
  $("narrower").addEventListener("click", () => zoom(-1));
  $("wider").addEventListener("click", () => zoom(1));
  $("next").addEventListener("click", () => jump(1));
  $("previous").addEventListener("click", () => jump(-1));
  for (const name of ["flips", "lost"]) $(`more-${name}`).addEventListener("click", () => { limits[name] += PAGE; fillTables(); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolor);
  new ResizeObserver(layout).observe(grid);
}

words();
readColors();
filter();
// As wide as there is room for beside the names, and not so narrow that a commit could not be met with the pointer.
const room = (grid.clientWidth - view.names - 8) / Math.max(1, commits.length);
view.width = Math.min(24, Math.max(3, Math.floor(room)));
layout();
grid.scrollLeft = space.clientWidth;
recolor();
showWhy();
listen();
