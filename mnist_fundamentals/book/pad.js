// The drawing pad of the notebook (see pad.py) and of the site. A classic script, not a module, so
// that the site can also load it from a file that is opened without a server.
'use strict'

// A square white page inside `element`, to draw on in black with mouse, finger, pen or keys. Ink is
// size*size numbers, row by row, from 0 (paper) to 255.
function digitPad(element, {
  size = 28,              // side of the page, in pixels
  thickness = 2,          // of the pen, in these pixels; later: pad.thickness = 3
  label = 'Drawing pad',  // for those who cannot see it
  onChange = () => {},    // called after each change by hand; its argument: is the stroke complete?
} = {}) {
  const canvas = document.createElement('canvas'), mark = document.createElement('i')
  const page = canvas.getContext('2d', {willReadFrequently: true})
  const moves = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}
  let pointer = null, last          // the one that draws, and where it was
  let at = [size/2, size/2], down   // the pen of the keys: where it is, and does it draw?

  function line(from, to) {
    Object.assign(page, {lineCap: 'round', lineWidth: pad.thickness})
    page.beginPath()
    page.moveTo(...from)
    page.lineTo(to[0] + .01, to[1])   // a line of no length would leave no dot
    page.stroke()
  }

  function wipe() {
    page.fillStyle = 'white'
    page.fillRect(0, 0, size, size)
  }

  // Mouse, finger and pen

  function place(event) {
    const box = canvas.getBoundingClientRect()
    return [(event.clientX - box.left)*size/box.width, (event.clientY - box.top)*size/box.height]
  }

  function draw(event) {
    const to = place(event)
    line(last ?? to, to)
    last = to
  }

  function lift(event) {
    if (event.pointerId !== pointer) return
    pointer = last = null
    onChange(true)
  }

  canvas.addEventListener('pointerdown', event => {
    if (event.button || pointer !== null) return   // another button, a second finger
    pointer = event.pointerId
    canvas.setPointerCapture(pointer)
    draw(event)
    onChange(false)
  })
  canvas.addEventListener('pointermove', event => {
    if (event.pointerId !== pointer) return
    if (!(event.buttons & 1)) return lift(event)   // another button is still held
    const events = event.getCoalescedEvents?.() ?? []   // what happened since the last frame
    for (const e of events.length ? events : [event]) draw(e)
    onChange(false)
  })
  for (const end of ['pointerup', 'pointercancel']) canvas.addEventListener(end, lift)

  // Keys: the arrows move a pen, the space bar lowers and lifts it

  function lower(yes) {
    down = yes
    mark.classList.toggle('down', down)
  }

  function move([dx, dy], step) {
    const from = at, edge = pad.thickness/2
    at = [from[0] + step*dx, from[1] + step*dy].map(v => Math.min(Math.max(v, edge), size - edge))
    Object.assign(mark.style, {left: `${100*at[0]/size}%`, top: `${100*at[1]/size}%`})
    if (!down) return
    line(from, at)
    onChange(false)
  }

  function dip() {
    lower(!down)
    if (down) line(at, at)
    onChange(!down)
  }

  canvas.addEventListener('keydown', event => {
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const step = event.shiftKey ? Math.max(size/140, 1) : size/28
    if (event.key in moves) move(moves[event.key], step)
    else if (event.key === 'Escape') pad.clear()
    else if (event.key !== ' ') return
    else if (!event.repeat) dip()
    event.preventDefault()
  })
  canvas.addEventListener('blur', () => { if (down) dip() })

  const pad = {
    canvas, thickness,
    ink() {
      const {data} = page.getImageData(0, 0, size, size)
      return Array.from({length: size*size}, (_, i) => 255 - data[4*i])
    },
    show(ink) {   // by the program: onChange is not called
      const image = page.createImageData(size, size)
      ink.forEach((v, i) => image.data.set([255 - v, 255 - v, 255 - v, 255], 4*i))
      page.putImageData(image, 0, 0)
    },
    clear() {
      pointer = last = null
      lower(false)
      wipe()
      onChange(true)
    }}

  Object.assign(canvas, {width: size, height: size, tabIndex: 0})
  canvas.setAttribute('role', 'application')
  canvas.setAttribute('aria-label', label)
  element.classList.add('digit-pad')
  element.dataset.lmSuppressShortcuts = 'true'   // the keys are the pad's, not JupyterLab's
  element.append(canvas, mark)
  wipe()
  return pad
}
