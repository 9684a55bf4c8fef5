"The workflows of GitHub Actions: pinned, unprivileged, and on the Pythons that settings.ini names"
import re, pytest, yaml
from conftest import ROOT, settings

FILES = sorted((ROOT/'.github'/'workflows').glob('*.yml'))
CI = ROOT/'.github'/'workflows'/'ci.yml'
MAY_WRITE = {('docs.yml', 'deploy'): {'pages': 'write', 'id-token': 'write'}}

def steps(workflow): return [step for job in workflow['jobs'].values() for step in job['steps']]

def test_there_is_a_workflow(): assert CI in FILES

@pytest.mark.parametrize('path', FILES, ids=lambda p: p.name)
def test_workflow_is_pinned_and_unprivileged(path):
    workflow = yaml.safe_load(path.read_text(encoding='utf-8'))
    assert workflow['permissions'] == {'contents': 'read'}
    for name, job in workflow['jobs'].items():
        assert job.get('permissions') == MAY_WRITE.get((path.name, name)) and 'timeout-minutes' in job
    uses = [step['uses'] for step in steps(workflow) if 'uses' in step]
    assert uses and all(re.fullmatch(r'[\w-]+/[\w-]+@[0-9a-f]{40}', u) for u in uses)
    for step in steps(workflow):
        if step.get('uses', '').startswith('actions/checkout'):
            assert step['with']['persist-credentials'] is False

def test_pythons_are_those_of_the_settings():
    matrix = yaml.safe_load(CI.read_text(encoding='utf-8'))['jobs']['test']['strategy']['matrix']
    pythons = settings()['pythons'].split()
    assert matrix['python'] == pythons and settings()['min_python'] == pythons[0]
    assert {extra['python'] for extra in matrix['include']} <= set(pythons)
    assert {'ubuntu', 'macos', 'windows'} == {os.split('-')[0] for os in
        matrix['os'] + [extra['os'] for extra in matrix['include']]}
