// Lets a person drag the four corners of a display, and of its code, with pointer or arrow keys; fields have them as text.
const scene = document.getElementById("scene");
const fields = document.getElementById("wish").elements;
const [width, height] = [scene.viewBox.baseVal.width, scene.viewBox.baseVal.height];
const names = scene.dataset.names.split("|");
const SVG = "http://www.w3.org/2000/svg";

class Quad {
  constructor(polygon) {
    this.polygon = polygon;
    this.field = fields[polygon.dataset.field];
    this.corners = this.field.value.split(",").map(Number);
    this.handles = names.map((name, index) => this.handle(`${polygon.dataset.words}: ${name}`, index));
    this.draw();
  }

  handle(name, index) {
    const circle = document.createElementNS(SVG, "circle");
    circle.setAttribute("class", "corner");
    circle.setAttribute("r", width / (this.polygon.classList.contains("small") ? 110 : 70));
    circle.setAttribute("tabindex", "0");
    circle.setAttribute("role", "slider");
    circle.setAttribute("aria-label", name);
    circle.addEventListener("pointerdown", (event) => circle.setPointerCapture(event.pointerId));
    circle.addEventListener("pointermove", (event) => {
      if (circle.hasPointerCapture(event.pointerId)) this.move(index, ...inPicture(event));
    });
    circle.addEventListener("keydown", (event) => this.step(event, index));
    scene.append(circle);
    return circle;
  }

  step(event, index) {
    const by = event.shiftKey ? 10 : 1;
    const way = { ArrowLeft: [-by, 0], ArrowRight: [by, 0], ArrowUp: [0, -by], ArrowDown: [0, by] }[event.key];
    if (!way) return;
    event.preventDefault();
    this.move(index, this.corners[2 * index] + way[0], this.corners[2 * index + 1] + way[1]);
  }

  move(index, x, y) {
    this.corners[2 * index] = Math.min(width, Math.max(0, x));
    this.corners[2 * index + 1] = Math.min(height, Math.max(0, y));
    this.draw();
  }

  draw() {
    this.handles.forEach((circle, index) => {
      const [x, y] = this.corners.slice(2 * index, 2 * index + 2).map((side) => side.toFixed(1));
      circle.setAttribute("cx", x);
      circle.setAttribute("cy", y);
      circle.setAttribute("aria-valuetext", `${x}, ${y}`);
    });
    this.field.value = this.corners.map((side) => side.toFixed(1)).join(",");
    this.polygon.setAttribute("points", this.field.value);
  }
}

function inPicture(event) {
  const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(scene.getScreenCTM().inverse());
  return [point.x, point.y];
}

for (const polygon of scene.querySelectorAll("polygon")) new Quad(polygon);
