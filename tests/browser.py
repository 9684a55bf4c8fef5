"What the browser tests share: Chromium, pages that keep their errors, servers and screenshots"
import os, shutil, signal, socket, subprocess, sys, time, urllib.error, urllib.parse, urllib.request
from contextlib import contextmanager
from importlib.util import find_spec
import pytest
from conftest import ROOT
from mnist_fundamentals.book.execute import kernel_env

SHOTS = ROOT/'results'/'browser'
ARGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync',
        '--disable-background-networking', '--disable-component-update']

def chromium():
    "Where the browser is, or None"
    return next(filter(None, map(shutil.which, ('chromium', 'chromium-browser', 'google-chrome'))), None)

def missing():
    "What a browser test lacks here, or None"
    if find_spec('playwright') is None: return 'needs playwright: pip install -e ".[dev]"'
    if chromium() is None: return 'needs Chromium: apt-get install chromium'

# pytestmark = browser_tests
browser_tests = [pytest.mark.browser, pytest.mark.skipif(missing() is not None, reason=str(missing()))]

@contextmanager
def launch():
    "A headless Chromium"
    from playwright.sync_api import sync_playwright
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), headless=True, args=ARGS)
        try: yield browser
        finally: browser.close()

def new_page(browser, width=1200, height=900, **options):
    "A page; `page.errors` lists the errors of its scripts and of its console, as they come"
    page = browser.new_page(viewport=dict(width=width, height=height), **options)
    page.errors = []
    page.on('pageerror', lambda error: page.errors.append(str(error)))
    def note(message):
        url = message.location.get('url', '')
        if message.type == 'error' and not (message.text.startswith('Failed to load') and outside(url)):
            page.errors.append(f'{message.text} ({url})')
    page.on('console', note)
    return page

def outside(url):
    "Is it an address beyond this machine? Pages must do without: tests run with no network"
    return url.startswith('http') and urllib.parse.urlsplit(url).hostname not in ('127.0.0.1', 'localhost')

def screenshot(page, name, full_page=False):
    "Keep a picture of the page as results/browser/NAME.png, to look at"
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS/f'{name}.png', full_page=full_page)

def free_port():
    with socket.socket() as s:
        s.bind(('127.0.0.1', 0))
        return s.getsockname()[1]

def wait_until(happened, seconds=30):
    "Ask again and again until `happened()` is true, and return what it gave"
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := happened(): return value
        time.sleep(.1)
    raise AssertionError(f'not within {seconds} s')

def answers(url):
    "Is there a server at this address?"
    try: urllib.request.urlopen(url, timeout=2).close()
    except urllib.error.HTTPError: return True
    except OSError: return False
    return True

@contextmanager
def served(url, *command, log, **env):
    "Run a server while the `with` block lasts; what it says goes to the file `log`"
    env = kernel_env(MNIST_FUNDAMENTALS_DEVICE='cpu') | env
    with open(log, 'w') as file:
        server = subprocess.Popen([sys.executable, *command], env=env, stdout=file, stderr=file)
    try:
        wait_until(lambda: answers(url) or server.poll() is not None, 120)
        assert server.poll() is None, log.read_text()
        yield url
    finally:
        server.send_signal(signal.SIGINT if os.name != 'nt' else signal.SIGTERM)
        try: server.wait(10)
        except subprocess.TimeoutExpired: server.kill()

# The drawing app, in its own page and in a notebook

def said(page):
    "The answer of the drawing app"
    return page.locator('.answer-sheet .said').inner_text()

def places(page, stroke):
    "Points of the 28 by 28 page as places in the window"
    box = page.locator('.digit-pad canvas').bounding_box()
    return [(box['x'] + x*box['width']/28, box['y'] + y*box['height']/28) for x, y in stroke.tolist()]

def by_mouse(page, strokes):
    "Draw strokes, each [n,2] in pixels of the page of 28 by 28"
    for stroke in strokes:
        first, *rest = places(page, stroke)
        page.mouse.move(*first)
        page.mouse.down()
        for place in rest: page.mouse.move(*place)
        page.mouse.up()

def by_finger(page, strokes):
    "The same by touch"
    session = page.context.new_cdp_session(page)
    def touch(kind, *points):
        session.send('Input.dispatchTouchEvent', dict(type=kind, touchPoints=[dict(x=x, y=y) for x, y in points]))
    for stroke in strokes:
        first, *rest = places(page, stroke)
        touch('touchStart', first)
        for place in rest: touch('touchMove', place)
        touch('touchEnd')
