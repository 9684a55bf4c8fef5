// The pad, and what three models make of it while one draws
/* global MODELS, answerSheet, digitPad, largest, requestAnimationFrame, run, shrunk, softmax, toMnist */
'use strict'

const $ = id => document.getElementById(id)
const SIDE = 280
const pad = digitPad($('pad'), {size: SIDE, onChange: complete => complete ? look() : soon()})
const sheet = answerSheet($('sheet'))
pad.canvas.setAttribute('aria-describedby', 'keys')

function ink() {   // the pad as rows of 0 (paper) to 255 (ink)
  const flat = pad.ink()
  return Array.from({length: SIDE}, (_, y) => flat.slice(y*SIDE, (y + 1)*SIDE))
}

function setThickness() {
  pad.thickness = $('thickness').valueAsNumber
  $('thickness-shown').value = `${pad.thickness} px`
}

const inWords = shares => {
  const most = Math.max(...shares)
  return `${shares.indexOf(most)} (${(100*Math.min(most, .999)).toFixed(1)}% sure)`
}

const panel = (title, values, side, columns, size, more = {}) => {   // the largest number in full colour
  const limit = values.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-9)
  return {title, values: Array.from(values, v => v/limit), side, columns, size, ...more}
}

function productsOf({weight}, row, pixels) {   // each pixel times its weight
  return Array.from(pixels, (p, i) => p*weight[row*784 + i])
}

function linearPanel(digit, pixels) {
  return panel(`ten_linear: each pixel times its weight for a ${digit}. Blue speaks for it, red against it.`,
    productsOf(MODELS.ten_linear[0], digit, pixels), 28, 1, 168, {signed: true})
}

function unitsPanel(digit, pixels, activations) {
  const [first, , last] = MODELS.ten_simple_net, units = Array.from(activations, (a, i) => {
    const part = a*last.weight[digit*activations.length + i]
    return [part ? `${i}: ${(part < 0 ? '−' : '+') + Math.abs(part).toFixed(1)}` : `${i}`, Math.round(10*part)]
  })
  return panel('ten_simple_net: the same in each hidden unit, and what the unit adds to the score of a '
    + `${digit}. One with no number is silent.`, units.flatMap((_, i) => productsOf(first, i, pixels)),
  28, 6, 56, {signed: true, marks: units})
}

function mapPanels(steps) {   // the numbers after each ReLU: 16, 32 and 64 maps
  return [[16, 14, 4, 42], [32, 14, 8, 42], [64, 7, 16, 20]].map(([n, side, columns, size], i) => {
    const maps = steps.filter((_, at) => at && MODELS.ten_convnet[at - 1].kind === 'relu')[i]
    return panel(`ten_convnet, layer ${i + 1}: ${n} maps of ${side} by ${side}`, maps, side, columns, size)
  })
}

function look() {   // what the models see, and what they say
  const rows = ink(), blank = !largest(rows)
  const pixels = blank ? new Array(784).fill(0) : $('centre').checked ? toMnist(rows) : shrunk(rows)
  const steps = Object.fromEntries(Object.keys(MODELS).reverse().map(name => [name, run(MODELS[name], pixels)]))
  const shares = Object.fromEntries(Object.entries(steps).map(([name, s]) => [name, softmax(s.at(-1))]))
  const answer = name => shares[name].indexOf(Math.max(...shares[name]))
  sheet.show({
    said: blank ? 'The page is blank: draw a digit.' : inWords(shares.ten_convnet), why: '',
    who: 'ten_convnet: how sure it is of each digit',
    bars: shares.ten_convnet.map((share, digit) => [digit, blank ? 0 : share]),
    rows: blank ? [] : Object.entries(shares).map(([name, s]) => [name, inWords(s), '']),
    panels: blank ? [] : [panel('What the models see', pixels, 28, 1, 168),
      linearPanel(answer('ten_linear'), pixels),
      unitsPanel(answer('ten_simple_net'), pixels, steps.ten_simple_net[2]), ...mapPanels(steps.ten_convnet)]})
}

let due = false
function soon() {   // once for all moves until the next frame
  if (!due) requestAnimationFrame(() => { due = false; look() })
  due = true
}

$('clear').addEventListener('click', pad.clear)
$('centre').addEventListener('change', look)
$('thickness').addEventListener('input', setThickness)
setThickness()
look()
