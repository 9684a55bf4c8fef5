// What models say of a page, and what is behind it: in the notebook's app (see answers.py) and on the
// site. A classic script, not a module, as pad.js.
'use strict'

const INK = [0, 0, 0], BLUE = [0, 114, 178], RED = [178, 24, 43]   // on white: shares of each colour

// The parts inside `element`, and `show(sheet)` to fill them. A sheet holds
//   said: the answer in words; why: a remark on it, or ''
//   who: the model whose bars these are; bars: [digit, share] of each, shares 0 to 1
//   rows: [model, answer, remark] of each model
//   panels: {title, columns, size, signed, values, marks} of each group of square pictures: `columns`
//     side by side, each of `size` CSS pixels; all pixels in one list, 0 to 1 or, signed, -1 to 1;
//     under each picture [text, number whose sign is the text's colour], or no marks
function answerSheet(element) {
  const add = (parent, tag, kind = '', text = '') => {
    const made = document.createElement(tag)
    Object.assign(made, {className: kind, textContent: text})
    parent.append(made)
    return made
  }
  element.classList.add('answer-sheet')
  const said = add(element, 'p', 'said'), why = add(element, 'p', 'why')
  const answers = add(element, 'div', 'answers')
  const chart = add(answers, 'figure', 'chart'), bars = add(chart, 'div', 'bars'), who = add(chart, 'figcaption')
  const table = add(answers, 'table'), body = add(table, 'tbody'), panels = add(element, 'div', 'panels')
  said.setAttribute('role', 'status')
  bars.setAttribute('role', 'img')

  const inPercent = share => `${Math.min(100*share, 99.9).toFixed(1)}%`   // nothing is certain

  const fill = (parent, n, make) => {   // as many children as n, made or left as they were
    while (parent.children.length > n) parent.lastChild.remove()
    while (parent.children.length < n) make(parent)
    return Array.from(parent.children)
  }

  function showBar(bar, [digit, share], most) {
    const [name, track, percent] = bar.children
    name.textContent = digit
    track.firstChild.style.width = `${100*share}%`
    percent.textContent = inPercent(share)
    bar.classList.toggle('most', share === most && share > 0)
  }

  const makeBar = parent => {
    const bar = add(parent, 'div', 'bar')
    add(bar, 'b')
    add(add(bar, 'span', 'track'), 'i')
    add(bar, 'span', 'percent')
  }

  function paint(canvas, values, signed) {
    const image = new ImageData(canvas.width, canvas.height)
    values.forEach((v, i) => {
      const colour = !signed ? INK : v > 0 ? BLUE : RED
      image.data.set([...colour.map(c => 255 + (c - 255)*Math.min(Math.abs(v), 1)), 255], 4*i)
    })
    canvas.getContext('2d').putImageData(image, 0, 0)
  }

  function showPanel(figure, {title, columns, size, signed, values, marks, side}) {
    const [tiles, caption] = figure.children
    caption.textContent = title
    tiles.setAttribute('aria-label', title)
    tiles.style.gridTemplateColumns = `repeat(${columns}, ${size}px)`
    const found = fill(tiles, values.length/side**2, parent => {
      const tile = add(parent, 'div')
      add(tile, 'canvas')
      add(tile, 'small')
    })
    found.forEach(({children: [canvas, mark]}, i) => {
      if (canvas.width !== side) Object.assign(canvas, {width: side, height: side})
      canvas.style.width = canvas.style.height = `${size}px`
      paint(canvas, values.slice(i*side**2, (i + 1)*side**2), signed)
      const [text, sign] = marks?.[i] ?? ['', 0]
      mark.textContent = text
      mark.className = sign > 0 ? 'for' : sign < 0 ? 'against' : ''
    })
  }

  return {
    show(sheet) {
      said.textContent = sheet.said
      why.textContent = sheet.why
      who.textContent = sheet.who
      bars.setAttribute('aria-label',
        `${sheet.who}: ${sheet.bars.map(([digit, share]) => `${digit} ${inPercent(share)}`).join(', ')}`)
      const most = Math.max(...sheet.bars.map(([, share]) => share))
      fill(bars, sheet.bars.length, makeBar).forEach((bar, i) => showBar(bar, sheet.bars[i], most))
      fill(body, sheet.rows.length, parent => {
        const row = add(parent, 'tr')
        add(row, 'th').scope = 'row'
        add(row, 'td')
        add(row, 'td')
      }).forEach((row, i) => sheet.rows[i].forEach((text, j) => { row.children[j].textContent = text }))
      fill(panels, sheet.panels.length, parent => {
        const figure = add(parent, 'figure')
        add(figure, 'div', 'tiles').setAttribute('role', 'img')
        add(figure, 'figcaption')
      }).forEach((figure, i) => showPanel(figure, sheet.panels[i]))
    }}
}
