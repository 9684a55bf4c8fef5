// Explorers of chapters 2 and 7 with no kernel. Points and sliders are those of the notebook: they
// come from parameters.js, which tools/docs.py writes. A plain script, not a module, so that it
// also runs from a file that is opened without a server.
/* global BOOK */
'use strict'

const quad = (a, b, c, x) => a*x**2 + b*x + c
const rectifiedLinear = (m, b, x) => Math.max(m*x + b, 0)
const doubleRelu = (m1, b1, m2, b2, x) => rectifiedLinear(m1, b1, x) + rectifiedLinear(m2, b2, x)

function mae(preds, acts) {   // mean absolute error
  return preds.reduce((sum, pred, i) => sum + Math.abs(pred - acts[i]), 0)/acts.length
}

const minus = (x, digits = 0) => x.toFixed(digits).replace('-', '−')

// Of each explorer: the limits of y, the lines (a function of x, and a class for its looks), and
// what is said above the picture
const KINDS = {
  quad: {
    ylim: [-3, 15],
    lines: ({a, b, c}) => [[x => quad(a, b, c, x), 'fitted']],
    says: ({a, b, c}, points) =>
      `MAE: ${mae(points.map(([x]) => quad(a, b, c, x)), points.map(([, y]) => y)).toFixed(2)}`},
  relu: {
    ylim: [-1, 4],
    lines: ({m, b}) => [[x => rectifiedLinear(m, b, x), 'curve']],
    says: ({m, b}) => m ? `bend at x = ${minus(-b/m, 2)}` : 'a level line, without a bend'},
  double_relu: {
    ylim: [-1, 6],
    lines: ({m1, b1, m2, b2}) => [[x => doubleRelu(m1, b1, m2, b2, x), 'broad'],
                                  [x => rectifiedLinear(m1, b1, x), 'dashed'],
                                  [x => rectifiedLinear(m2, b2, x), 'dashed']],
    says: ({m1, b1, m2, b2}) => 'bends at x = ' +
      [[m1, b1], [m2, b2]].filter(([m]) => m).map(([m, b]) => minus(-b/m, 2)).join(' and ')}}

const XLIM = [-2.1, 2.1], LEFT = 45, RIGHT = 590, TOP = 10, BOTTOM = 310   // of 600 by 360

function element(name, attributes = {}, ...children) {
  const svg = ['svg', 'g', 'path', 'circle', 'text', 'clipPath', 'rect'].includes(name)
  const made = svg ? document.createElementNS('http://www.w3.org/2000/svg', name)
                   : document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value)
  made.append(...children)
  return made
}

class Plot {
  constructor(id, ylim, points) {
    const [bottom, top] = ylim
    this.x = x => LEFT + (x - XLIM[0])/(XLIM[1] - XLIM[0])*(RIGHT - LEFT)
    this.y = y => BOTTOM - (y - bottom)/(top - bottom)*(BOTTOM - TOP)
    this.lines = element('g', {'clip-path': `url(#${id}-clip)`})
    const area = {x: LEFT, y: TOP, width: RIGHT - LEFT, height: BOTTOM - TOP}
    const dots = points.map(([x, y]) => element('circle', {cx: this.x(x), cy: this.y(y), r: 4.5}))
    this.svg = element('svg', {viewBox: '0 0 600 360', role: 'img'},
      element('clipPath', {id: `${id}-clip`}, element('rect', area)),
      ...this.axes(ylim), ...dots, this.lines)
  }

  axes([bottom, top]) {
    const made = [], step = top - bottom > 10 ? 3 : 1
    const text = (x, y, anchor, words) => element('text', {x, y, 'text-anchor': anchor}, words)
    for (let x = -2; x <= 2; x++) made.push(
      element('path', {class: 'grid', d: `M${this.x(x)} ${TOP}V${BOTTOM}`}),
      text(this.x(x), BOTTOM + 20, 'middle', minus(x)))
    for (let y = bottom; y <= top; y += step) made.push(
      element('path', {class: 'grid', d: `M${LEFT} ${this.y(y)}H${RIGHT}`}),
      text(LEFT - 8, this.y(y) + 5, 'end', minus(y)))
    made.push(element('path', {class: 'axis', d: `M${LEFT} ${TOP}V${BOTTOM}H${RIGHT}`}),
      text((LEFT + RIGHT)/2, BOTTOM + 42, 'middle', 'x'),
      text(12, (TOP + BOTTOM)/2, 'middle', 'y'))
    return made
  }

  draw(lines) {
    const xs = Array.from({length: 421}, (_, i) => XLIM[0] + i/100)
    this.lines.replaceChildren(...lines.map(([f, kind]) => element('path', {class: kind,
      d: 'M' + xs.map(x => `${this.x(x).toFixed(1)} ${this.y(f(x)).toFixed(1)}`).join('L')})))
  }
}

class Explorer {
  constructor(root, id) {   // <div data-explorer="quad">;
                            // data-instead: in place of the picture in the cell before it
    const name = root.dataset.explorer, {text, sliders, points = []} = BOOK.explorers[name]
    if ('instead' in root.dataset) root.previousElementSibling.querySelector('img').hidden = true
    this.kind = KINDS[name], this.points = points, this.text = text, this.inputs = {}
    this.said = element('output', {class: 'said'})
    this.plot = new Plot(id, this.kind.ylim, points)
    const rows = Object.entries(sliders).map(([key, {min, max, step, value}]) => {
      const slider = `${id}-${key}`, shown = element('output', {for: slider})
      const input = element('input', {id: slider, type: 'range', min, max, step, value})
      this.inputs[key] = [input, shown]
      input.addEventListener('input', () => this.redraw())
      return element('div', {class: 'slider'}, element('label', {for: slider}, key), input, shown)
    })
    const reset = element('button', {type: 'button'}, 'Reset')
    reset.addEventListener('click', () => {
      for (const [input] of Object.values(this.inputs)) input.value = input.defaultValue
      this.redraw()
    })
    root.replaceChildren(...rows, element('div', {class: 'slider'}, reset, this.said), this.plot.svg)
    this.redraw()
  }

  redraw() {
    const values = {}
    for (const [key, [input, shown]] of Object.entries(this.inputs)) {
      values[key] = input.valueAsNumber
      shown.value = minus(values[key], 1)
    }
    this.plot.draw(this.kind.lines(values))
    this.said.value = this.kind.says(values, this.points)
    this.plot.svg.setAttribute('aria-label',
      this.said.hidden ? this.text : `${this.text}. ${this.said.value}`)
  }
}

const places = document.querySelectorAll('[data-explorer]')
places.forEach((root, i) => new Explorer(root, `explorer-${i + 1}`))
