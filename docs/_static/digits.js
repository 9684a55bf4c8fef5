// The trained models, and what turns a drawing into the pixels that they were trained on. The
// numbers come from parameters.js, which tools/docs.py writes.
/* global BOOK */
'use strict'

// Base64 of little-endian float32, which is also how the browser's machine keeps them
const numbers = text => new Float32Array(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer)

// Name to layers, each with its kind and what it needs to know
const MODELS = Object.fromEntries(Object.entries(BOOK.models).map(([name, layers]) =>
  [name, layers.map(({weight, bias, ...layer}) =>
    weight ? {...layer, weight: numbers(weight), bias: numbers(bias)} : layer)]))

// What a layer makes of `x`, a list of numbers: pixels row by row, one map after the other
const LAYERS = {
  linear: ({weight, bias}, x) => Float32Array.from(bias, (sum, row) => {   // a weighted sum for each bias
    for (let i = 0; i < x.length; i++) sum += weight[row*x.length + i]*x[i]
    return sum
  }),

  relu: (layer, x) => x.map(v => Math.max(v, 0)),

  // Windows of size by size, each over all maps, `stride` pixels apart; beyond the edge there is 0
  conv({weight, bias, size, stride}, x) {
    const n = weight.length/bias.length/size**2, side = Math.sqrt(x.length/n)
    const wide = side + size - 1, to = Math.ceil(side/stride), margin = (size - 1)/2
    const padded = new Float32Array(n*wide**2), made = new Float32Array(bias.length*to**2)
    for (let row = 0; row < n*side; row++) {
      const map = Math.floor(row/side), y = row % side + margin
      padded.set(x.subarray(row*side, (row + 1)*side), (map*wide + y)*wide + margin)
    }
    let w = 0
    bias.forEach((b, k) => {
      const map = made.subarray(k*to**2, (k + 1)*to**2).fill(b)
      for (let from = 0; from < n; from++) for (let dy = 0; dy < size; dy++) for (let dx = 0; dx < size; dx++) {
        const by = weight[w++]
        for (let y = 0; y < to; y++) {
          const start = (from*wide + y*stride + dy)*wide + dx
          for (let i = 0; i < to; i++) map[y*to + i] += by*padded[start + i*stride]
        }
      }
    })
    return made
  },

  pool({side}, x) {   // of each square of 2 by 2 the largest; an odd last row or column is left out
    const half = Math.floor(side/2), n = x.length/side**2
    return Float32Array.from({length: n*half**2}, (_, i) => {
      const map = Math.floor(i/half**2), at = (map*side + 2*(Math.floor(i/half) % half))*side + 2*(i % half)
      return Math.max(x[at], x[at + 1], x[at + side], x[at + side + 1])
    })
  }}

function run(layers, pixels) {   // the pixels, and the numbers after each layer
  const steps = [Float32Array.from(pixels)]
  for (const layer of layers) steps.push(LAYERS[layer.kind](layer, steps.at(-1)))
  return steps
}

function softmax(scores) {   // shares, 0 to 1
  const most = Math.max(...scores), powers = Array.from(scores, s => Math.exp(s - most))
  return powers.map(p => p/total(powers))
}

// From n numbers to m along one axis: for each of the m, where its window begins, and the weights in
// it. The triangular filter of Pillow's BILINEAR: a mean over what one new pixel covers.
function windows(n, m) {
  const scale = n/m, support = Math.max(scale, 1)
  return Array.from({length: m}, (_, i) => {
    const centre = (i + .5)*scale, weights = []
    const first = Math.max(0, Math.trunc(centre - support + .5))
    const end = Math.min(n, Math.trunc(centre + support + .5))
    for (let k = first; k < end; k++)
      weights.push(Math.max(0, 1 - Math.abs((k + .5 - centre)/support)))
    const sum = weights.reduce((a, b) => a + b)
    return {first, weights: weights.map(w => w/sum)}
  })
}

const resizeRow = (row, wins) => wins.map(({first, weights}) =>
  Math.fround(weights.reduce((sum, w, k) => sum + w*row[first + k], 0)))

const transpose = rows => rows[0].map((_, i) => rows.map(row => row[i]))

function resize(rows, height, width) {   // a picture as a list of rows
  const across = windows(rows[0].length, width), down = windows(rows.length, height)
  const narrow = rows.map(row => resizeRow(row, across))
  return transpose(transpose(narrow).map(column => resizeRow(column, down)))
}

function roundEven(x) {   // Python's round: a half goes to the even neighbour
  const r = Math.round(x)
  return r - x === .5 && r % 2 ? r - 1 : r
}

const total = list => list.reduce((a, b) => a + b, 0)
const largest = rows => rows.reduce((most, row) => row.reduce((a, b) => Math.max(a, b), most), 0)

// Cut out the ink, shrink its longer side to 20 pixels, and put its centre of mass in the middle of
// 28 by 28, as MNIST was made. `rows` is ink, 0 to 255, on empty paper; null if there is none.
function toMnist(rows) {
  const most = largest(rows)
  if (!most) return null
  const marked = rows.map(row => row.map(v => v > most/5))
  const inRows = marked.map(row => row.some(Boolean))
  const inCols = transpose(marked).map(column => column.some(Boolean))
  const [top, bottom] = [inRows.indexOf(true), inRows.lastIndexOf(true) + 1]
  const [left, right] = [inCols.indexOf(true), inCols.lastIndexOf(true) + 1]
  const box = rows.slice(top, bottom).map(row => row.slice(left, right))
  const [h, w] = [bottom - top, right - left].map((side, _, sides) =>
    Math.max(1, roundEven(20*side/Math.max(...sides))))
  const small = resize(box, h, w), peak = largest(small)
  const place = (sums, n) => {   // where n rows or columns with these sums of ink begin
    const middle = total(sums.map((s, i) => s*i))/total(sums)
    return Math.min(Math.max(roundEven(14 - middle), 0), 28 - n)
  }
  const y = place(small.map(total), h), x = place(transpose(small).map(total), w)
  const page = Array.from({length: 28}, () => new Array(28).fill(0))
  small.forEach((row, i) => row.forEach((v, j) => { page[y + i][x + j] = v/peak }))
  return page.flat()
}

// The whole page shrunk to 28 by 28, with the ink wherever it was drawn
const shrunk = rows => resize(rows, 28, 28).flat().map(v => v/255)
