// Commits across and services down, on a canvas as large as what is seen of it: only that is drawn.

const ROW = 24, AXIS = 24, WIDTHS = [1, 2, 3, 4, 6, 9, 13, 18, 24];
const grid = document.getElementById("grid"), space = document.getElementById("space");
const cells = document.getElementById("cells"), overview = document.getElementById("overview");
const view = { rows: services, width: 3, names: 120, selected: null, colors: {} };

function readColors() {
  const style = getComputedStyle(document.documentElement);
  const names = ["card", "ink", "faint", "line", "soft", "built", "empty", "skip", "danger", "more", "select", "paper"];
  for (const name of names) view.colors[name] = style.getPropertyValue(`--${name}`).trim();
  view.font = getComputedStyle(document.body).fontFamily;
}

function sized(canvas, width, height) {
  const scale = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const to = canvas.getContext("2d");
  to.setTransform(scale, 0, 0, scale, 0, 0);
  return to;
}

// A cell's mark: its shape says what its colour says.
function mark(to, state, x, y, width, height) {
  const { colors } = view, middle = y + height / 2, center = x + width / 2;
  if (state === SKIP) {
    to.fillStyle = colors.skip;
    const dot = width < 6 ? 1 : 2;
    to.fillRect(center - dot / 2, middle - dot / 2, dot, dot);
    return;
  }
  const gap = width >= 4 ? 1 : 0;
  if (state === BUILD || state === EMPTY) {
    to.fillStyle = to.strokeStyle = state === BUILD ? colors.built : colors.empty;
    if (state === BUILD) to.fillRect(x, y + 3, width - gap, height - 6);
    else if (width < 6) to.fillRect(x, middle - 3, width - gap, 6);
    else to.strokeRect(x + 1, y + 4, width - gap - 2, height - 8);
    return;
  }
  const danger = state === FALSE_SKIP, half = Math.max(4, Math.min(width, 14) / 2), high = height / 2 - 4;
  to.fillStyle = danger ? colors.danger : colors.more;
  to.strokeStyle = colors.card;
  to.lineWidth = 1.5;
  to.beginPath();
  if (danger) { to.moveTo(center, middle - high); to.lineTo(center + half, middle + high); to.lineTo(center - half, middle + high); }
  else { to.moveTo(center, middle + high); to.lineTo(center + half, middle - high); to.lineTo(center - half, middle - high); }
  to.closePath();
  to.stroke();
  to.fill();
  to.lineWidth = 1;
}

function layout() {
  const to = cells.getContext("2d");
  to.font = `13px ${view.font}`;
  const widest = Math.max(60, ...view.rows.slice(0, 2000).map((row) => to.measureText(row.name).width));
  view.names = Math.min(Math.ceil(widest) + 74, Math.max(140, grid.clientWidth * 0.4));
  space.style.width = `${view.names + commits.length * view.width + 8}px`;
  space.style.height = `${AXIS + view.rows.length * ROW}px`;
  Object.assign(grid.dataset, { cell: view.width, row: ROW, left: Math.round(view.names), top: AXIS, rows: view.rows.length });
  drawWhole();
  draw();
}

function draw() {
  const width = grid.clientWidth, height = Math.min(grid.clientHeight || 1, AXIS + view.rows.length * ROW);
  const to = sized(cells, width, Math.max(height, AXIS + ROW));
  const { colors, names } = view, left = grid.scrollLeft, top = grid.scrollTop;
  to.fillStyle = colors.card;
  to.fillRect(0, 0, width, height + ROW);
  const first = Math.max(0, Math.floor(left / view.width)), last = Math.min(commits.length, Math.ceil((left + width - names) / view.width) + 1);
  const firstRow = Math.floor(top / ROW), lastRow = Math.min(view.rows.length, Math.ceil((top + height) / ROW));
  const x = (at) => names + at * view.width - left, y = (row) => AXIS + row * ROW - top;
  const flipped = [];
  for (let row = firstRow; row < lastRow; row++) {
    if (row % 2) { to.fillStyle = colors.soft; to.globalAlpha = 0.55; to.fillRect(0, y(row), width, ROW); to.globalAlpha = 1; }
    for (let at = first; at < last; at++) {
      const state = stateAt(at, view.rows[row].index);
      if (state >= FALSE_SKIP) flipped.push([at, row, state]);
      else if (state !== SKIP || view.width >= 3) mark(to, state, x(at), y(row), view.width, ROW);
    }
  }
  for (const [at, row, state] of flipped) mark(to, state, x(at), y(row), view.width, ROW);
  if (view.selected) {
    const row = view.rows.findIndex((one) => one.index === view.selected[1]);
    to.strokeStyle = colors.select;
    to.lineWidth = 2;
    const wide = Math.max(view.width, 7);
    if (row >= 0) to.strokeRect(x(view.selected[0]) + (view.width - wide) / 2, y(row) + 1, wide, ROW - 2);
    to.lineWidth = 1;
  }
  drawNames(to, y, firstRow, lastRow, height);
  drawAxis(to, x, first, last, width);
  drawOverview();
}

function drawNames(to, y, firstRow, lastRow, height) {
  const { colors, names } = view;
  to.fillStyle = colors.card;
  to.fillRect(0, 0, names - 4, height + ROW);
  to.textBaseline = "middle";
  for (let row = firstRow; row < lastRow; row++) {
    const { name, builds, skips } = view.rows[row];
    to.font = `13px ${view.font}`;
    to.fillStyle = colors.ink;
    to.textAlign = "left";
    to.save();
    to.beginPath();
    to.rect(0, y(row), names - 62, ROW);
    to.clip();
    to.fillText(name, 10, y(row) + ROW / 2 + 0.5);
    to.restore();
    to.textAlign = "right";
    to.font = `12px ${view.font}`;
    to.fillStyle = colors.faint;
    to.fillText(share(skips, builds + skips), names - 14, y(row) + ROW / 2 + 0.5);
  }
  to.fillStyle = colors.line;
  to.fillRect(names - 5, 0, 1, height + ROW);
}

function drawAxis(to, x, first, last, width) {
  const { colors, names } = view;
  to.fillStyle = colors.card;
  to.fillRect(0, 0, width, AXIS);
  to.font = `11px ${view.font}`;
  to.textAlign = "left";
  to.textBaseline = "middle";
  let free = names;
  for (let at = first; at < last; at++) {
    if (x(at) < free || (at > 0 && day(at) === day(at - 1) && at !== first)) continue;
    to.fillStyle = colors.line;
    to.fillRect(x(at), 6, 1, AXIS - 6);
    to.fillStyle = colors.faint;
    if (x(at) + 70 < width) to.fillText(day(at), x(at) + 4, AXIS / 2 + 1);
    free = x(at) + 82;
  }
  to.fillStyle = colors.card;
  to.fillRect(0, 0, names - 5, AXIS);
  to.fillStyle = colors.faint;
  to.fillText("service", 10, AXIS / 2 + 1);
  to.textAlign = "right";
  to.fillText("skipped", names - 14, AXIS / 2 + 1);
  to.fillStyle = colors.line;
  to.fillRect(0, AXIS - 1, width, 1);
}

// The whole history in one line: how many services build (of the commits that share a place, the most), where flips are, and what part is seen below. The line itself is
// drawn when something changes, the part that is seen at every movement.
const HIGH = 44, whole = document.createElement("canvas");

function drawWhole() {
  const width = overview.clientWidth || 1, to = sized(whole, width, HIGH), base = HIGH - 10;
  const { colors } = view, shown = new Set(view.rows.map((row) => row.index));
  const columns = Math.min(commits.length, Math.floor(width)), wide = width / Math.max(1, columns);
  for (let column = 0; column < columns; column++) {
    const from = Math.floor((column * commits.length) / columns), end = Math.floor(((column + 1) * commits.length) / columns);
    let most = 0, flip = 0;
    for (let at = from; at < end; at++) {
      let builds = 0;
      commits[at].cells.forEach((cell, service) => {
        if (!shown.has(service)) return;
        if (cell.state !== FALSE_SKIP) builds += 1;
        if (cell.state >= FALSE_SKIP && flip !== FALSE_SKIP) flip = cell.state;
      });
      most = Math.max(most, builds);
    }
    const high = Math.max(1, (most / Math.max(1, shown.size)) * (base - 2));
    to.fillStyle = colors.built;
    to.globalAlpha = 0.75;
    if (most) to.fillRect(column * wide, base - high, Math.max(1, wide - (wide > 3 ? 1 : 0)), high);
    to.globalAlpha = 1;
    if (flip) mark(to, flip, column * wide + wide / 2 - 4, base - 6, 8, 20);
  }
  to.fillStyle = colors.line;
  to.fillRect(0, base, width, 1);
}

function drawOverview() {
  const width = overview.clientWidth || 1, to = sized(overview, width, HIGH);
  overview.style.width = "100%";
  to.drawImage(whole, 0, 0, width, HIGH);
  const all = Math.max(1, commits.length * view.width), seen = (grid.clientWidth - view.names) / all;
  if (seen >= 1) return;
  to.strokeStyle = view.colors.ink;
  to.strokeRect((grid.scrollLeft / all) * width + 1, 1, Math.max(8, seen * width) - 2, HIGH - 2);
}

// The commit and the row at a point of the window, where there is a cell.
function cellAt(event) {
  const box = grid.getBoundingClientRect();
  const left = event.clientX - box.left - grid.clientLeft, top = event.clientY - box.top - grid.clientTop;
  const at = Math.floor((left - view.names + grid.scrollLeft) / view.width), row = Math.floor((top - AXIS + grid.scrollTop) / ROW);
  return left >= view.names && top >= AXIS && at >= 0 && at < commits.length && row >= 0 && row < view.rows.length ? [at, view.rows[row].index] : null;
}
