"The site, built and then read in Chromium, with nothing but itself to load from"
import json, os, re, subprocess, sys, threading
from base64 import b64encode
from functools import cache, partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit
import numpy as np, pytest, torch
from PIL import Image
from browser import browser_tests, launch, new_page, screenshot
from conftest import CHAPTERS, ROOT, read_cells
from mnist_fundamentals import draw as draw_chapter, quadratic, relu
from mnist_fundamentals.book.execute import kernel_env
from mnist_fundamentals.book.models import kept
from mnist_fundamentals.book.predict import in_words, predict, shares
from mnist_fundamentals.data import load_digits
from mnist_fundamentals.draw import stroke_digit
from mnist_fundamentals.ten_digits import feature_maps

sys.path.insert(0, str(ROOT/'tools'))
import docs

pytestmark = browser_tests
NOTEBOOKS = sorted((ROOT/'nbs').glob('*.ipynb'))
MODELS = ['ten_convnet', 'ten_simple_net', 'ten_linear']

@cache
def model(name): return kept(name).requires_grad_(False)

# The site, its server, and a page that can load nothing else

@pytest.fixture(scope='module')
def site(tmp_path_factory):
    "The folder of the pages; SITE=_site/html takes those of the last `make docs`"
    if 'SITE' in os.environ: return Path(os.environ['SITE']).resolve()
    folder = tmp_path_factory.mktemp('site')
    done = subprocess.run([sys.executable, ROOT/'tools'/'docs.py', folder], text=True,
                          capture_output=True, env=kernel_env(MNIST_FUNDAMENTALS_DEVICE='cpu'))
    assert done.returncode == 0, done.stdout + done.stderr
    return folder/'html'

class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args): pass

@pytest.fixture(scope='module')
def url(site):
    "Where the site is served"
    with ThreadingHTTPServer(('127.0.0.1', 0), partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/'
        server.shutdown()

@pytest.fixture(scope='module')
def browser():
    with launch() as browser: yield browser

@pytest.fixture
def open_page(browser, url):
    "Open a page of the site; what it asks for elsewhere is refused and counts as an error"
    opened = []
    def open(name, **options):
        page = new_page(browser, **options)
        page.set_default_timeout(10_000)
        def answer(route):
            if route.request.url.startswith((url, 'data:', 'blob:')): return route.continue_()
            page.errors.append(f'asks for {route.request.url}')
            route.abort()
        page.route('**/*', answer)
        page.goto(url + name)
        opened.append(page)
        return page
    yield open
    for page in opened: page.close()
    assert [error for page in opened for error in page.errors] == []

def pages(site):
    names = (p.relative_to(site).as_posix() for p in site.rglob('*.html'))
    return sorted(name for name in names if not name.startswith('_static'))

# What is on the pages

class Page(HTMLParser):
    "The ids, the links and the pictures of a page"
    def __init__(self, path):
        super().__init__()
        self.ids, self.links, self.images = set(), [], []
        self.feed(path.read_text(encoding='utf-8'))
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get('id'))
        self.links += [attributes[k] for k in ('href', 'src') if attributes.get(k)]
        if tag == 'img': self.images.append(attributes)

def test_no_link_is_broken(site):
    "Within the site the file and the anchor must be there; elsewhere only the form can be checked"
    parsed, broken = {p: Page(site/p) for p in pages(site)}, []
    for name, page in parsed.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme == 'data': continue
            if parts.scheme or parts.netloc:
                good = re.fullmatch(r'https?://[\w.-]+\.[a-z]+(/\S*)?', link)
            else:
                target = (site/name).parent/unquote(parts.path) if parts.path else site/name
                good = target.is_file() and (not parts.fragment or target.suffix != '.html' or
                    parts.fragment in parsed[target.resolve().relative_to(site.resolve()).as_posix()].ids)
            if not good: broken.append(f'{name}: {link}')
    assert sum(len(page.links) for page in parsed.values()) > 1000 and broken == []

def test_every_picture_has_words(site):
    images = [image for name in pages(site) for image in Page(site/name).images]
    assert len(images) > 40 and [i['src'] for i in images if len((i.get('alt') or '').split()) < 6] == []

@pytest.mark.parametrize('path', NOTEBOOKS, ids=lambda p: p.stem)
def test_page_shows_what_its_notebook_shows(site, path):
    text = (site/f'{path.stem}.html').read_text(encoding='utf-8')
    plain = re.sub(r'\s+', '', re.sub(r'<[^>]+>', '', text).replace('&#39;', "'").replace('&quot;', '"')
                   .replace('&lt;', '<').replace('&gt;', '>').replace('&amp;', '&'))
    for cell in read_cells(path):
        if cell['cell_type'] != 'code': continue
        source = re.sub(r'\s+', '', re.sub(r'(?m)^#\|.*$', '', cell['source']))
        hidden = re.search(r'(?m)^#\| *(hide *$|default_exp|echo: false)', cell['source'])
        if len(source) > 40: assert (source in plain) == (not hidden), cell['id']
    code = ''.join(re.findall(r'(?s)<div class="highlight">.*?</div>', text))
    assert not re.search(r'#\|', re.sub(r'<[^>]+>', '', code)), 'the marks of the tools are not for readers'

@pytest.mark.parametrize('path', CHAPTERS, ids=lambda p: p.stem)
def test_chapter_can_be_taken_to_colab_or_downloaded(site, path):
    links = Page(site/f'{path.stem}.html').links
    assert [link for link in links if re.fullmatch(rf'https://colab\S+/nbs/{path.name}', link)]
    [copy] = [link for link in links if re.fullmatch(rf'_downloads/\w+/{path.name}', link)]
    assert (site/copy).read_bytes() == path.read_bytes()

def test_every_public_function_has_an_entry(site):
    modules = [docs.exported(json.loads(p.read_text(encoding='utf-8'))) for p in CHAPTERS]
    for module in modules:
        names = {name for name, f in vars(__import__('mnist_fundamentals.all', fromlist='*')).items()
                 if getattr(f, '__module__', '') == f'mnist_fundamentals.{module}'}
        text = (site/'api'/f'{module}.html').read_text(encoding='utf-8')
        assert names and {n for n in names if f'<h2>{n}<' not in text} == set()

def test_a_new_notebook_gets_its_place():
    page = lambda title: dict(cells=[dict(source=f'# {title}\n')])
    order = docs.contents({'09_a': page('Nine'), '10_b': page('Ten'), 'glossary': page('Terms'),
                           'index': page('All')}, ['nine', 'ten'])
    assert re.findall(r'(?m)^\d.*|^glossary|^index|^api.*', order) == [
        '9 Nine <09_a>', '10 Ten <10_b>', 'glossary', 'api/nine', 'api/ten']

# In the browser

def test_every_page_opens_without_an_error_or_the_network(site, open_page):
    names = pages(site)
    assert len(names) >= 2*len(CHAPTERS) + 4
    for name in names:
        page = open_page(name)
        assert page.locator('h1').first.inner_text() and page.errors == [], (name, page.errors)

@pytest.mark.parametrize('scheme', ['light', 'dark'])
def test_every_page_is_accessible(site, open_page, scheme):
    from axe_playwright_python.sync_playwright import Axe
    found = []
    for name in pages(site):
        page = open_page(name, color_scheme=scheme)
        assert page.evaluate('document.documentElement.dataset.theme') == scheme
        page.evaluate('for (const d of document.querySelectorAll("details")) d.open = true')
        page.evaluate('Promise.all(document.getAnimations().map(a => a.finished)).then(() => null)')   # folded code fades in
        if name == 'draw.html': draw(page, digit_strokes(3))
        result = Axe().run(page, options=dict(preload=False)).response   # or it asks for styles itself
        assert len(result['passes']) > 10
        found += [f"{name}: {v['id']} ({v['impact']}): {node['target']}" for v in result['violations']
                  if v['impact'] in ('serious', 'critical') for node in v['nodes']]
        page.close()
    assert found == []

@pytest.mark.parametrize('width', [390, 1200])
def test_no_page_is_wider_than_the_screen(site, open_page, width):
    wide = []
    for name in pages(site):
        page = open_page(name, width=width)
        if page.evaluate('document.documentElement.scrollWidth') > width: wide.append(name)
        page.close()
    assert wide == []

def test_search_finds_the_chapter(open_page):
    page = open_page('index.html')
    page.keyboard.press('Control+k')
    page.keyboard.type('sigmoid')
    page.keyboard.press('Enter')
    page.wait_for_selector('ul.search li')
    assert '05_linear_classifier.html' in ' '.join(page.eval_on_selector_all(
        'ul.search a', 'links => links.map(a => a.getAttribute("href"))'))

def test_theme_can_be_switched(open_page):
    page = open_page('index.html', color_scheme='light')
    colour = lambda: page.evaluate('getComputedStyle(document.body).backgroundColor')
    assert colour() == 'rgb(255, 255, 255)'
    page.locator('.theme-switch-button').locator('visible=true').click()
    page.locator('[data-mode=dark], [data-bs-theme-value=dark]').locator('visible=true').click()
    assert max(map(int, re.findall(r'\d+', colour())[:3])) < 50

# The explorers

def python_says(name, v):
    "What the library gives for the sliders' values, in the words of the page"
    if name == 'quad':
        x, y = docs.quadratic_points(json.loads((ROOT/'nbs'/'02_quadratic.ipynb').read_text()))
        return f'MAE: {quadratic.quad_mae([v["a"], v["b"], v["c"]], x, y):.2f}'
    pairs = [(v['m'], v['b'])] if name == 'relu' else [(v['m1'], v['b1']), (v['m2'], v['b2'])]
    bends = [f'{-b/m:.2f}'.replace('-', '−') for m, b in pairs]
    return f'bend{"s"*(len(bends) - 1)} at x = {" and ".join(bends)}'

def python_curve(name, v, x):
    f = dict(quad=quadratic.quad, relu=relu.rectified_linear, double_relu=relu.double_relu)
    return f[name](*v.values(), x)

def drawn(root, ylim):
    "The first curve in the picture, as x and y"
    path = root.locator('svg g path').first.get_attribute('d')
    px, py = np.array([p.split() for p in path[1:].split('L')], float).T
    return -2.1 + (px - 45)/545*4.2, ylim[0] + (310 - py)/300*(ylim[1] - ylim[0])

@pytest.mark.parametrize('name, sliders', dict(quad='a b c', relu='m b', double_relu='m1 b1 m2 b2').items())
def test_sliders_move_the_picture(open_page, name, sliders):
    page = open_page('explorers.html')
    root = page.locator(f'[data-explorer={name}]')
    ylim = page.evaluate(f'KINDS.{name}.ylim')
    boxes = dict(zip(sliders.split(), root.locator('input').all()))
    assert {name: page.locator(f'label[for={box.get_attribute("id")}]').inner_text()
            for name, box in boxes.items()} == {name: name for name in sliders.split()}
    for i, slider in enumerate(sliders.split()):
        before = root.locator('svg g').inner_html()
        boxes[slider].focus()
        for _ in range(7 + i): page.keyboard.press('ArrowRight' if i % 2 else 'ArrowLeft')
        assert root.locator('svg g').inner_html() != before
        values = {name: float(box.input_value()) for name, box in boxes.items()}
        shown = root.locator('div.slider > output:not(.said)').all_inner_texts()
        assert shown == [f'{v:.1f}'.replace('-', '−') for v in values.values()]
        assert root.locator('.said').inner_text() == python_says(name, values)
        x, y = drawn(root, ylim)
        np.testing.assert_allclose(y, python_curve(name, values, torch.from_numpy(x)), atol=.1)
    root.get_by_role('button').click()
    assert [float(v) for v in root.locator('input').evaluate_all('all => all.map(i => i.value)')] == [
        s['value'] for s in page.evaluate(f'Object.values(BOOK.explorers.{name}.sliders)')]
    screenshot(page, f'site-explorer-{name}')

@pytest.mark.parametrize('name, explorers', [('02_quadratic', ['quad']), ('07_relu', ['relu', 'double_relu'])])
def test_a_chapter_has_the_explorers_in_place_of_their_pictures(open_page, name, explorers):
    page = open_page(f'{name}.html')
    assert page.locator('.explorer').evaluate_all('all => all.map(e => e.dataset.explorer)') == explorers
    assert page.locator('div.cell:has(+ .explorer) img').evaluate_all('all => all.map(e => e.checkVisibility())') == [False]*len(explorers)
    ids = page.locator('[id]').evaluate_all('all => all.map(e => e.id)')
    assert len(set(ids)) == len(ids)

# The drawing

SMALL = [[(20, 20), (60, 20), (35, 70)], [(30, 48), (52, 46)]]
DOT = [[(140.3, 141.2), (140.3, 141.2)]]   # lopsided: a tie in its centre is rounded by chance
SAID = '.answer-sheet .said'

def digit_strokes(digit, **how):
    "As a hand draws it, in pixels of the pad"
    return [[(10*x, 10*y) for x, y in stroke.tolist()] for stroke in stroke_digit(digit, **how)]

def draw(page, strokes):
    "Draw with the mouse"
    page.locator('#clear').click()
    pad = page.locator('#pad')
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    for first, *rest in strokes:
        page.mouse.move(box['x'] + first[0], box['y'] + first[1])
        page.mouse.down()
        for x, y in rest: page.mouse.move(box['x'] + x, box['y'] + y)
        page.mouse.up()

def answers(page):
    "Model to what it says"
    return {row.locator('th').inner_text(): row.locator('td').first.inner_text()
            for row in page.locator('.answer-sheet tr').all()}

def is_blank(page): return page.locator(SAID).inner_text().startswith('The page is blank') and not answers(page)

def to_mnist(ink):
    "The library's way from ink, uint8 [h,w], to the pixels that a model sees"
    return draw_chapter.to_mnist(torch.from_numpy(ink))

def test_all_ten_digits_are_read(open_page):
    page, read = open_page('draw.html'), {}
    assert is_blank(page)
    for digit in range(10):
        draw(page, digit_strokes(digit, height=15., slant=.1, centre=(12., 15.)))
        read[digit] = [int(said[0]) for said in answers(page).values()]
        assert page.locator(SAID).inner_text() == answers(page)['ten_convnet']
        most = page.locator('.answer-sheet .most')
        assert most.locator('b').inner_text() == str(read[digit][0])
        screenshot(page, f'site-draw-{digit}', full_page=True)
        page.locator('#clear').click()
        assert is_blank(page)
    found = np.array(list(read.values())) == np.arange(10)[:, None]      # [10 digits, 3 models]
    assert found[:, 0].all() and found.sum(0).min() >= 9, read

def test_the_bars_follow_the_pen_at_once(open_page):
    "From a move of the mouse to its bars, in the page's own clock; the pen stays down"
    page = open_page('draw.html')
    page.evaluate('''() => {
      window.waits = []
      const percents = () => document.querySelector('.answer-sheet .bars').innerText
      pad.canvas.addEventListener('pointermove', event => {
        if (!event.buttons) return
        const start = performance.now(), before = percents()
        const watch = () => percents() !== before ? waits.push(performance.now() - start)
          : performance.now() - start < 2000 && requestAnimationFrame(watch)
        requestAnimationFrame(watch)
      })
    }''')
    box = page.locator('#pad').bounding_box()
    page.mouse.move(box['x'] + 60, box['y'] + 60)
    page.mouse.down()
    for x in range(70, 220, 10):
        page.mouse.move(box['x'] + x, box['y'] + 60 + (x - 60)/2)
        page.wait_for_timeout(50)
    waits = page.evaluate('waits')
    print(f'{len(waits)} answers, median {np.median(waits):.0f} ms, longest {max(waits):.0f} ms')
    assert len(waits) >= 10 and np.median(waits) < 200 and max(waits) < 500   # other programs may run here
    page.mouse.up()

@pytest.mark.parametrize('pointer', ['touch', 'pen'])
def test_finger_and_pen_draw(open_page, pointer):
    page, [seven] = open_page('draw.html'), digit_strokes(7)
    page.evaluate("pad.canvas.addEventListener('pointerdown', event => { window.kind = event.pointerType })")
    box, browser = page.locator('#pad').bounding_box(), page.context.new_cdp_session(page)
    for kind, (x, y) in zip(['Pressed', 'Moved', 'Moved', 'Released'], [*seven, seven[-1]]):
        x, y = box['x'] + x, box['y'] + y
        if pointer == 'pen':
            browser.send('Input.dispatchMouseEvent', dict(type=f'mouse{kind}', x=x, y=y, button='left',
                                                          buttons=1, clickCount=1, pointerType='pen'))
        else:
            kind = dict(Pressed='Start', Moved='Move', Released='End')[kind]
            browser.send('Input.dispatchTouchEvent', dict(type=f'touch{kind}',
                         touchPoints=[] if kind == 'End' else [dict(x=x, y=y)]))
    assert page.evaluate('window.kind') == pointer
    assert [said[0] for said in answers(page).values()] == ['7']*3

def test_the_keyboard_draws(open_page):
    page = open_page('draw.html')
    page.locator('#pad canvas').focus()
    for key, times in dict(ArrowUp=8, ArrowLeft=6, Space=1, ArrowRight=12).items():
        for _ in range(times): page.keyboard.press(key)
    for _ in range(16):
        page.keyboard.press('ArrowDown')
        if _ % 2: page.keyboard.press('ArrowLeft')
    assert [said[0] for said in answers(page).values()] == ['7']*3
    page.keyboard.press('Escape')
    assert is_blank(page)

@pytest.mark.parametrize('strokes', [digit_strokes(3), digit_strokes(4), SMALL, DOT], ids=['three', 'four', 'small', 'dot'])
@pytest.mark.parametrize('thickness', [8, 22, 40])
def test_pixels_are_the_librarys(open_page, strokes, thickness):
    page = open_page('draw.html')
    page.locator('#thickness').fill(str(thickness))
    draw(page, strokes)
    ink = np.array(page.evaluate('ink()'), np.uint8)
    pixels = np.array(page.evaluate('toMnist(ink())'), np.float32).reshape(28, 28)
    np.testing.assert_allclose(pixels, to_mnist(ink), atol=1e-5)
    assert pixels.max() == 1 and ink.shape == (280, 280)
    shown = np.array(page.locator('.panels canvas').first.evaluate(
        'canvas => [...canvas.getContext("2d").getImageData(0, 0, 28, 28).data]'))
    np.testing.assert_allclose(shown.reshape(28, 28, 4)[..., 0], 255*(1 - pixels), atol=1)

def test_pixels_are_the_librarys_for_pictures_of_any_size(open_page):
    page, rng = open_page('draw.html'), np.random.default_rng(0)
    for height, width in [(280, 280), (60, 200), (300, 40), (100, 101), (29, 28)]:
        ink = np.zeros((height, width), np.uint8)
        top, left = rng.integers(1, height//3), rng.integers(1, width//3)
        patch = rng.integers(0, 256, (height//2, width//2), dtype=np.uint8)
        ink[top:top + height//2, left:left + width//2] = patch*(rng.random(patch.shape) < .3)
        pixels = np.array(page.evaluate('rows => toMnist(rows)', ink.tolist()), np.float32)
        np.testing.assert_allclose(pixels.reshape(28, 28), to_mnist(ink), atol=1e-5)
    assert page.evaluate('toMnist([[0, 0], [0, 0]])') is None

def test_without_centring_the_place_counts(open_page):
    page = open_page('draw.html')
    draw(page, SMALL)
    centred = page.evaluate('toMnist(ink())')
    page.locator('#centre').click()
    ink = Image.fromarray(np.array(page.evaluate('ink()'), np.float32))
    pixels = np.array(page.evaluate('shrunk(ink())')).reshape(28, 28)
    expected = np.array(ink.resize((28, 28), Image.Resampling.BILINEAR))/255
    np.testing.assert_allclose(pixels, expected, atol=1e-5)
    assert pixels[9:, 9:].max() == 0 and np.array(centred).reshape(28, 28)[9:, 9:].max() > .5

@pytest.mark.parametrize('name', MODELS)
def test_predictions_are_the_librarys(open_page, name):
    "Every tenth validation digit"
    images, page = load_digits('valid', range(10))[0][::10], open_page('draw.html')
    shape = (-1, 1, 28, 28) if name == 'ten_convnet' else (-1, 784)
    expected = model(name)(images.reshape(shape).float()/255)
    found = torch.tensor(page.evaluate('''([name, text]) => {
      const bytes = Uint8Array.from(atob(text), c => c.charCodeAt(0))
      return Array.from({length: bytes.length/784}, (_, i) =>
        Array.from(run(MODELS[name], Array.from(bytes.subarray(784*i, 784*(i + 1)), v => v/255)).at(-1)))
    }''', [name, b64encode(images.numpy().tobytes()).decode()]))
    assert (found.argmax(1) == expected.argmax(1)).all()
    np.testing.assert_allclose(found.softmax(1), expected.softmax(1), atol=1e-4)

def test_feature_maps_are_the_librarys(open_page):
    page, image = open_page('draw.html'), load_digits('valid', (5,))[0][0].float()/255
    steps = page.evaluate("x => run(MODELS.ten_convnet, x).map(s => Array.from(s))", image.flatten().tolist())
    kinds = page.evaluate("MODELS.ten_convnet.map(layer => layer.kind)")
    found = [step for step, kind in zip(steps[1:], kinds) if kind == 'relu']
    for step, maps in zip(found, feature_maps(model('ten_convnet'), image), strict=True):
        np.testing.assert_allclose(step, maps.flatten(), atol=1e-4)

def test_the_answers_come_from_the_pixels_that_are_shown(open_page):
    page = open_page('draw.html')
    for strokes in digit_strokes(3), digit_strokes(8), SMALL:
        draw(page, strokes)
        x = torch.tensor(page.evaluate('toMnist(ink())')).view(28, 28)
        assert answers(page) == {name: in_words(*predict(model(name), x)) for name in MODELS}
        percents = page.locator('.answer-sheet .percent').all_inner_texts()
        assert percents == [f'{min(p, .999):.1%}' for p in shares(model('ten_convnet'), x).tolist()]

def test_it_works_from_a_file_too(site, browser):
    page = new_page(browser)
    page.goto((site/'draw.html').as_uri())
    draw(page, digit_strokes(7))
    assert page.locator(SAID).inner_text()[0] == '7' and page.errors == []
    page.close()
