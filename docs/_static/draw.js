// The pad, and what the two models make of it
/* global MODELS, digitPad, run, shrunk, sigmoid, toMnist, total */
'use strict'

const $ = id => document.getElementById(id)
const SIDE = 280
const pad = digitPad($('pad'), {size: SIDE, onChange: look})
pad.canvas.setAttribute('aria-describedby', 'keys')

function ink() {   // the pad as rows of 0 (paper) to 255 (ink)
  const flat = pad.ink()
  return Array.from({length: SIDE}, (_, y) => flat.slice(y*SIDE, (y + 1)*SIDE))
}

function setThickness() {
  pad.thickness = $('thickness').valueAsNumber
  $('thickness-shown').value = `${pad.thickness} px`
}

// Pictures

function paint(canvas, values, colour) {   // 784 numbers as 28 by 28 pixels; colour(v) is [r, g, b]
  const image = new ImageData(28, 28)
  values.forEach((v, i) => image.data.set([...colour(v), 255], 4*i))
  canvas.getContext('2d').putImageData(image, 0, 0)
}

const grey = v => Array(3).fill(255 - 255*Math.min(v, 1))
const BLUE = [0, 114, 178], RED = [178, 24, 43]

function signed(limit) {   // white at 0, blue for a 3, red for a 7
  return v => (v > 0 ? BLUE : RED).map(c => 255 + (c - 255)*Math.min(Math.abs(v)/limit, 1))
}

const number = (x, digits = 2) => x.toFixed(digits).replace('-', '−')

function percent(p) { return p > .999 ? 'over 99.9%' : `${(100*p).toFixed(1)}%` }

function answer(name, p3) {
  const sure = Math.max(p3, 1 - p3)
  $(`${name}-answer`).textContent = p3 > .5 ? '3' : '7'
  $(`${name}-sure`).textContent = percent(sure)
  $(`${name}-bar`).style.width = `${100*p3}%`
}

function sum(products, bias, score) {
  return `The sum is ${number(total(products))}; with the bias of ${number(bias)} it is the score, `
    + `${number(score)}, and the sigmoid of that is ${number(sigmoid(score), 4)}.`
}

function showLinear(pixels) {   // every pixel times its weight, and their sum
  const [layer] = MODELS.linear, products = Array.from(pixels, (p, i) => p*layer.weight[i])
  paint($('linear-products'), products, signed(Math.max(...products.map(Math.abs), 1e-9)))
  const score = run(MODELS.linear, pixels).at(-1)[0]
  $('linear-sum').textContent = sum(products, layer.bias[0], score)
  answer('linear', sigmoid(score))
}

function showNet(pixels) {   // every hidden activation times its weight, and their sum
  const [, hidden, [score]] = run(MODELS.simple_net, pixels), out = MODELS.simple_net[1]
  const products = hidden.map((h, i) => h*out.weight[i])
  const limit = Math.max(...products.map(Math.abs), 1e-9)
  $('net-bars').replaceChildren(...products.map(v => {
    const bar = document.createElement('span')
    bar.className = v > 0 ? 'for-3' : 'for-7'
    bar.style.height = `${50*Math.abs(v)/limit}%`
    return bar
  }))
  const active = hidden.filter(h => h > 0).length
  $('net-sum').textContent = `${active} of the ${hidden.length} activations are above 0. `
    + sum(products, out.bias[0], score)
  answer('net', sigmoid(score))
}

function look() {   // what the models see, and what they say
  const rows = ink(), centred = toMnist(rows)
  const pixels = centred && ($('centre').checked ? centred : shrunk(rows))
  $('results').hidden = !pixels
  paint($('seen'), pixels ?? new Array(784).fill(0), grey)
  if (!pixels) return
  showLinear(pixels)
  showNet(pixels)
}

$('clear').addEventListener('click', pad.clear)
$('centre').addEventListener('change', look)
$('thickness').addEventListener('input', setThickness)
setThickness()
look()
