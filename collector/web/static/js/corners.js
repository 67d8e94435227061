// Lets a person drag the four corners of a display, with pointer or arrow keys; the form's field has them as text.
const scene = document.getElementById("scene");
const field = document.getElementById("wish").elements.corners;
const quad = scene.querySelector("polygon");
const [width, height] = [scene.viewBox.baseVal.width, scene.viewBox.baseVal.height];
const names = scene.dataset.names.split("|");
const SVG = "http://www.w3.org/2000/svg";

const corners = field.value.split(",").map(Number);
const handles = names.map((name, index) => handle(name, index));

function handle(name, index) {
  const circle = document.createElementNS(SVG, "circle");
  circle.setAttribute("class", "corner");
  circle.setAttribute("r", width / 70);
  circle.setAttribute("tabindex", "0");
  circle.setAttribute("role", "slider");
  circle.setAttribute("aria-label", name);
  circle.addEventListener("pointerdown", (event) => circle.setPointerCapture(event.pointerId));
  circle.addEventListener("pointermove", (event) => {
    if (circle.hasPointerCapture(event.pointerId)) move(index, ...inPicture(event));
  });
  circle.addEventListener("keydown", (event) => step(event, index));
  scene.append(circle);
  return circle;
}

function inPicture(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(scene.getScreenCTM().inverse());
  return [point.x, point.y];
}

function step(event, index) {
  const by = event.shiftKey ? 10 : 1;
  const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key];
  if (!way) return;
  event.preventDefault();
  move(index, corners[2 * index] + way[0], corners[2 * index + 1] + way[1]);
}

function move(index, x, y) {
  corners[2 * index] = Math.min(width, Math.max(0, x));
  corners[2 * index + 1] = Math.min(height, Math.max(0, y));
  draw();
}

function draw() {
  handles.forEach((circle, index) => {
    const [x, y] = corners.slice(2 * index, 2 * index + 2).map((side) => side.toFixed(1));
    circle.setAttribute("cx", x);
    circle.setAttribute("cy", y);
    circle.setAttribute("aria-valuetext", `${x}, ${y}`);
  });
  field.value = corners.map((side) => side.toFixed(1)).join(",");
  quad.setAttribute("points", field.value);
}

draw();
