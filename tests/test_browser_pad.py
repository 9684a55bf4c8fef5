"The drawing pad by itself, opened from a file: hands, keys and programs draw, at both sizes"
import numpy as np, pytest
from browser import browser_tests, launch, new_page, screenshot
from conftest import ROOT

pytestmark = browser_tests
BOOK = ROOT/'mnist_fundamentals'/'book'
SIZES = {28: 2, 280: 22}   # of the notebook and of the site: side and pen, in pixels
PAGE = '''<!doctype html>
<html lang="en"><title>Pad</title><meta name="color-scheme" content="{scheme}">
<link rel="stylesheet" href="{css}"><script src="{js}"></script>
<p>A pad of {size} pixels</p><div id="here"></div>
<script>
const calls = []
const pad = digitPad(document.getElementById('here'), {{
  size: {size}, thickness: {thickness}, label: 'A page to draw on',
  onChange: done => calls.push(done)}})
</script></html>'''

@pytest.fixture(scope='module')
def browser():
    with launch() as browser: yield browser

@pytest.fixture(params=SIZES)
def page(browser, tmp_path, request):
    "A page with a pad on it; an error in its script fails the test"
    file, size = tmp_path/'pad.html', request.param
    scheme = 'dark' if size == 28 else 'light'
    links = {kind: (BOOK/f'pad.{kind}').as_uri() for kind in ('css', 'js')}
    text = PAGE.format(size=size, thickness=SIZES[size], scheme=scheme, **links)
    file.write_text(text, encoding='utf-8')
    page = new_page(browser, width=400, height=400, has_touch=True)
    page.goto(file.as_uri())
    page.size = size
    yield page
    page.close()
    assert page.errors == []

# A place is x and y on a page of 28 by 28, whatever the pad's size

def ink(page): return np.array(page.evaluate('pad.ink()')).reshape(page.size, page.size)

def ink_at(page, x, y): return ink(page)[int(y*page.size/28), int(x*page.size/28)]

def place(page, x, y):
    box = page.locator('canvas').bounding_box()
    return box['x'] + x*box['width']/28, box['y'] + y*box['height']/28

def stroke(page, *places, button='left'):
    "By mouse"
    page.mouse.move(*place(page, *places[0]))
    page.mouse.down(button=button)
    for x, y in places[1:]: page.mouse.move(*place(page, x, y), steps=4)
    page.mouse.up(button=button)

def touch(page, *events):
    "Each event is its kind and where the fingers are: a dict from finger to place"
    session = page.context.new_cdp_session(page)
    for kind, fingers in events:
        points = [dict(zip('xy', place(page, *at)), id=finger) for finger, at in fingers.items()]
        session.send('Input.dispatchTouchEvent', dict(type=f'touch{kind}', touchPoints=points))

def keys(page, **times):
    for key, n in times.items():
        for _ in range(n): page.locator('canvas').press(key)

def box_of_ink(page):
    "left, top, right and bottom of what is at least half ink, in 28ths of the page"
    rows, columns = np.nonzero(ink(page) > 127)
    return np.array([columns.min(), rows.min(), columns.max() + 1, rows.max() + 1])*28/page.size

def test_the_page_is_white_at_first(page):
    canvas = page.locator('canvas')
    assert ink(page).max() == 0 and page.evaluate('calls') == []
    assert canvas.get_attribute('role') == 'application'
    assert canvas.get_attribute('aria-label') == 'A page to draw on'
    assert page.locator('.digit-pad[data-lm-suppress-shortcuts=true] canvas').count() == 1
    assert canvas.bounding_box()['width'] == canvas.bounding_box()['height'] == 280

@pytest.mark.parametrize('hand', ['mouse', 'finger'])
def test_a_tap_makes_a_dot(page, hand):
    if hand == 'mouse': page.mouse.click(*place(page, 9, 20))
    else: page.touchscreen.tap(*place(page, 9, 20))
    np.testing.assert_allclose(box_of_ink(page), [8, 19, 10, 21], atol=.2)
    assert page.evaluate('calls') == [False, True]

def test_the_mouse_draws_a_stroke(page):
    stroke(page, (6, 8), (20, 8), (20, 22))
    np.testing.assert_allclose(box_of_ink(page), [5, 7, 21, 23], atol=.2)
    assert ink_at(page, 13, 8) == ink_at(page, 20, 15) == 255 and ink_at(page, 13, 15) == 0
    calls = page.evaluate('calls')
    assert calls.count(True) == 1 and calls[-1] and len(calls) > 2

def test_nothing_joins_two_strokes(page):
    for y in 6, 20: stroke(page, (6, y), (20, y))
    between = ink(page)[10*page.size//28:16*page.size//28]
    assert ink_at(page, 13, 6) == ink_at(page, 13, 20) == 255 and between.max() == 0

def test_every_move_since_the_last_frame_counts(page):
    page.mouse.move(*place(page, 6, 6))
    page.mouse.down()
    places = [dict(zip(('clientX', 'clientY'), place(page, *at))) for at in [(14, 20), (22, 6)]]
    page.evaluate("""([via, to]) => {
      const move = (at, more) =>
        new PointerEvent('pointermove', {pointerId: 1, buttons: 1, ...at, ...more})
      pad.canvas.dispatchEvent(move(to, {coalescedEvents: [move(via), move(to)]}))
    }""", places)
    page.mouse.up()
    assert ink_at(page, 14, 19.5) > 127 and ink_at(page, 14, 6) == 0

@pytest.mark.parametrize('button', ['right', 'middle'])
def test_another_button_draws_nothing(page, button):
    stroke(page, (6, 8), (20, 20), button=button)
    assert ink(page).max() == 0 and page.evaluate('calls') == []

def test_the_stroke_ends_with_its_button_though_another_is_held(page):
    page.mouse.move(*place(page, 6, 8))
    page.mouse.down()
    page.mouse.move(*place(page, 12, 8))
    page.mouse.down(button='right')
    page.mouse.up()
    page.mouse.move(*place(page, 12, 20))
    page.mouse.up(button='right')
    assert ink_at(page, 9, 8) == 255 and ink_at(page, 12, 16) == 0

def test_a_second_finger_draws_nothing(page):
    touch(page, ('Start', {0: (5, 5)}), ('Move', {0: (5, 12)}),
          ('Start', {0: (5, 12), 1: (22, 12)}), ('Move', {0: (5, 20), 1: (22, 20)}),
          ('End', {1: (22, 20)}), ('Move', {1: (22, 25)}), ('End', {}))
    np.testing.assert_allclose(box_of_ink(page), [4, 4, 6, 21], atol=.2)
    assert page.evaluate('calls').count(True) == 1
    page.touchscreen.tap(*place(page, 22, 5))                # the next finger draws again
    assert ink_at(page, 22, 5) > 127 and ink_at(page, 13, 5) == 0

def test_keys_draw(page):
    keys(page, ArrowLeft=6, ArrowUp=8)
    assert ink(page).max() == 0 and page.evaluate('calls') == []
    keys(page, Space=1)
    np.testing.assert_allclose(box_of_ink(page), [7, 5, 9, 7], atol=.2)
    keys(page, ArrowRight=12, ArrowDown=3)
    assert not any(page.evaluate('calls'))                   # the pen is down
    mark = page.locator('.digit-pad i')
    box = mark.bounding_box()
    assert mark.is_visible()
    np.testing.assert_allclose([box['x'] + 8, box['y'] + 8], place(page, 20, 9), atol=.1)
    screenshot(page, f'pad-keys-{page.size}')
    before = mark.bounding_box()['x']
    keys(page, **{'Space': 1, 'Shift+ArrowRight': 1})
    assert mark.bounding_box()['x'] - before == pytest.approx(max(2, 280/page.size), abs=.1)
    np.testing.assert_allclose(box_of_ink(page), [7, 5, 21, 10], atol=.2)
    assert page.evaluate('calls').count(True) == 1 and page.evaluate('calls.at(-1)')

def test_keys_do_not_leave_the_page(page):
    keys(page, ArrowLeft=20)
    keys(page, ArrowRight=3, Space=1)
    np.testing.assert_allclose(box_of_ink(page)[[0, 2]], [3, 5], atol=.3)

def test_a_held_space_bar_lowers_the_pen_once(page):
    page.locator('canvas').focus()
    for _ in range(4): page.keyboard.down('Space')
    page.keyboard.up('Space')
    assert page.evaluate('calls') == [False]

def test_the_pen_is_lifted_and_its_mark_hidden_when_the_focus_leaves(page):
    keys(page, Space=1, ArrowRight=2)
    page.locator('canvas').blur()
    assert page.evaluate('calls.at(-1)') and page.locator('.digit-pad i').is_hidden()
    keys(page, ArrowRight=5)
    assert box_of_ink(page)[2] == pytest.approx(17, abs=.2)

def test_the_mark_is_shown_when_keys_follow_a_click(page):
    page.mouse.click(*place(page, 3, 3))
    page.keyboard.press('ArrowLeft')
    assert page.locator('.digit-pad i').is_visible()

def test_escape_clears(page):
    stroke(page, (6, 8), (20, 20))
    keys(page, Space=1)
    assert ink(page).max() == 255
    keys(page, Escape=1, ArrowDown=3)                        # and the pen is up
    assert ink(page).max() == 0 and page.evaluate('calls.at(-1)')

def test_what_is_shown_is_the_ink(page):
    shown = np.random.default_rng(0).integers(0, 256, page.size**2).tolist()
    page.evaluate('ink => pad.show(ink)', shown)
    assert page.evaluate('pad.ink()') == shown and page.evaluate('calls') == []
    page.evaluate('pad.clear()')
    assert ink(page).max() == 0

def test_the_pen_can_be_made_thicker(page):
    page.evaluate('pad.thickness *= 2')
    page.mouse.click(*place(page, 14, 14))
    np.testing.assert_allclose(box_of_ink(page), [12, 12, 16, 16], atol=.4)
