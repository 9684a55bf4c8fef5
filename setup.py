"Everything that describes the package comes from settings.ini; pyproject.toml holds what tools need."
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages, setup

here = Path(__file__).parent
config = ConfigParser(delimiters=['='], interpolation=None)
config.read(here/'settings.ini', encoding='utf-8')
cfg = config['DEFAULT']
lines = lambda key: cfg[key].strip().splitlines()
name, url = cfg['lib_name'], f"https://github.com/{cfg['user']}/{cfg['repo']}"

setup(
    name=name,
    version=cfg['version'],
    description=cfg['description'],
    long_description=(here/'README.md').read_text(encoding='utf-8'),
    long_description_content_type='text/markdown',
    keywords=cfg['keywords'].split(),
    author=cfg['author'],
    license=cfg['license'],
    url=url,
    project_urls=dict(Repository=url),
    classifiers=['Intended Audience :: Education', 'Framework :: Jupyter'] +
        [f'Programming Language :: Python :: {v}' for v in cfg['pythons'].split()],
    python_requires=f">={cfg['min_python']}",
    install_requires=lines('requirements'),
    extras_require={extra: lines(f'{extra}_requirements') for extra in ('lab', 'app', 'docs')} | dict(
        dev=sum(map(lines, ('lab_requirements', 'app_requirements', 'docs_requirements', 'dev_requirements')), [])),
    entry_points=dict(console_scripts=lines('console_scripts'), nbdev=[f'{name}={name}._modidx:d']),
    packages=[*find_packages(include=[name, f'{name}.*']),
              f'{name}.notebooks'],              # the notebooks travel with the package
    package_dir={name: name, f'{name}.notebooks': 'nbs'},
    package_data={name: ['mnist.npz', 'mnist.sha256', 'seeds.csv', 'bench.json', 'depth.csv', 'overfit.csv'],
                  f'{name}.book': ['*.js', '*.css'], f'{name}.notebooks': ['*.ipynb']},
    zip_safe=False,
)
