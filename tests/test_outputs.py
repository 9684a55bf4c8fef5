"The check of the committed outputs: no printed digit can be wrong without its noticing"
import base64, io, json, random, re, sys, numpy as np, pytest
from conftest import ROOT
from PIL import Image

sys.path.insert(0, str(ROOT/'tools'))
import outputs as tool

texts = lambda cell: [(o, holder, kind) for o in cell['outputs'] for holder, kinds in
                      [(o, ['text']), (o.get('data', {}), list(o.get('data', {})))]
                      for kind in kinds if kind in holder and not kind.startswith('image/')]

def digits(cell):
    "Where the digits stand in a cell's text outputs: (holder, kind, line, place)"
    for _, holder, kind in texts(cell):
        value = holder[kind]
        for i, line in enumerate(value if isinstance(value, list) else [value] if isinstance(value, str) else []):
            for match in re.finditer(r'\d', line): yield holder, kind, i, match.start()

def change(holder, kind, i, place):
    "Replace one digit of an output by the next one"
    old = holder[kind]
    lines = list(old) if isinstance(old, list) else [old]
    line = lines[i]
    lines[i] = f'{line[:place]}{(int(line[place]) + 1) % 10}{line[place+1:]}'
    holder[kind] = lines if isinstance(old, list) else lines[0]

def test_a_changed_digit_fails_the_check_by_name(tmp_path, monkeypatch, capsys):
    "Executed for real: a notebook with one digit changed in one output"
    path = ROOT/'nbs'/'01_pixel_similarity.ipynb'
    nb = json.loads(path.read_bytes())
    cell, where = random.Random(0).choice([(c, w) for c in nb['cells'] if c['cell_type'] == 'code' for w in digits(c)])
    change(*where)
    copy = tmp_path/path.name
    copy.write_text(json.dumps(nb, indent=1), encoding='utf-8')
    monkeypatch.setattr(tool, 'is_recorded', lambda: True)   # to the last digit, wherever this runs
    with pytest.raises(SystemExit) as failure: tool.main(['--check', str(copy)])
    assert re.search(rf'{path.name}: not what the code gives: .*\b{cell["id"]}\b', str(failure.value.code))
    assert f'{path.name}, cell {cell["id"]}, committed' in capsys.readouterr().out

def notebook(text, tags=(), picture=None):
    data = {'text/plain': text} | ({'image/png': picture} if picture else {})
    out = dict(output_type='display_data', metadata={}, data=data)
    cell = dict(cell_type='code', id='one', source='', metadata=dict(tags=list(tags)), outputs=[out])
    return json.dumps(dict(cells=[cell])).encode()

def png(level):
    file = io.BytesIO()
    Image.fromarray(np.full((4, 4), level, np.uint8)).save(file, 'PNG')
    return base64.b64encode(file.getvalue()).decode()

@pytest.mark.parametrize('old, new, exactly, nearly', [
    ('accuracy 0.9823', 'accuracy 0.9823', True, True),
    ('accuracy 0.9823', 'accuracy 0.9822', False, True),      # one in the last printed digit
    ('accuracy 0.9823', 'accuracy 0.9803', False, False),
    ('0.9996821284294128', '0.9996821284299', False, True),   # rounding
    ('2002 right', '2003 right', False, False),               # whole numbers are counts
    ('1.5e-07', '1.6e-07', False, True), ('1.5e-07', '2.5e-07', False, False),
    ('-0.5', '0.5', False, False), ('True', 'False', False, False), ('0.5', '0.5 0.5', False, False)])
def test_numbers_may_differ_by_rounding_only_elsewhere(old, new, exactly, nearly):
    for exact, expected in (True, exactly), (False, nearly):
        count, out, wrong, shown = tool.compare('x.ipynb', notebook(old), notebook(new), exact)
        assert (count, out, wrong) == (1, 0, [] if expected else ['one'])
        assert bool(shown) != expected and ('x.ipynb, cell one' in shown) != expected

@pytest.mark.parametrize('level, exactly, nearly', [(100, True, True), (101, False, True), (103, False, False)])
def test_pictures_may_differ_by_little_and_only_elsewhere(level, exactly, nearly):
    old, new = notebook('', picture=png(100)), notebook('', picture=png(level))
    for exact, expected in (True, exactly), (False, nearly):
        assert (tool.compare('x.ipynb', old, new, exact)[2] == []) == expected

def test_cells_are_left_out_by_tag_and_the_reason_is_printed():
    for tag, exact in ('not compared: chance', True), ('not compared elsewhere: rounding grows', False):
        old = notebook('1', [tag])
        count, out, wrong, shown = tool.compare('x.ipynb', old, notebook('2', [tag]), exact)
        assert (count, out, wrong, shown) == (0, 1, [], f'x.ipynb, cell one: {tag}')
    assert tool.compare('x.ipynb', notebook('1', [tag]), notebook('2', [tag]), True)[2] == ['one']

def test_a_lost_output_is_noticed():
    empty = json.loads(notebook('1'))
    empty['cells'][0]['outputs'] = []
    for exact in (True, False):
        assert tool.compare('x.ipynb', notebook('1'), json.dumps(empty).encode(), exact)[2] == ['one']

def test_the_recorded_platform_is_named_in_full():
    name, pins = tool.recorded_platform()
    assert re.fullmatch(r'\w+ \w+, \w+, \w+', name) and set(pins) == set(tool.ROUNDING)
    assert re.fullmatch(r'\w+ \w+, [^,]*, \w+', tool.this_platform())
