"""Articles are written by others: nothing in them runs, fetches or leads astray, by cleaning and by policy."""

import pytest

from support.packages import Package, article

HOSTILE = """<html><head><title>x</title>
<meta http-equiv="refresh" content="0;url=https://elsewhere.example/">
<base href="https://elsewhere.example/">
<link rel="stylesheet" href="https://elsewhere.example/x.css">
<script>parent.__ran = 'script'</script>
<style>@import url(https://elsewhere.example/y.css); body { background: url(https://elsewhere.example/z.png) }</style>
</head><body onload="parent.__ran = 'onload'"><p>Harmless text</p>
<img src="x.png" onerror="parent.__ran = 'onerror'">
<img src="https://elsewhere.example/seen.png">
<svg onload="parent.__ran = 'svg'"><script>parent.__ran = 'svg script'</script><a xlink:href="javascript:parent.__ran='x'">s</a></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=parent.__ran='mutation'&gt;"></table></mtext></math>
<iframe srcdoc="<script>parent.parent.__ran = 'srcdoc'</script>"></iframe>
<object data="javascript:parent.__ran='object'"></object><embed src="javascript:parent.__ran='embed'">
<a href="javascript:parent.__ran = 'link'">press</a>
<form action="https://elsewhere.example/"><input name="password"><button>send</button></form>
<video src="https://elsewhere.example/v.mp4" autoplay onloadstart="parent.__ran = 'video'"></video>
<details open ontoggle="parent.__ran = 'toggle'"><summary>s</summary></details>
</body></html>"""

MARKUP = """<img src=x onerror="parent.__ran = 'onerror'"><svg onload="parent.__ran = 'svg'"></svg>
<a href="javascript:parent.__ran='link'">press</a><a href="/console/nowhere" target="_top">top</a>"""


@pytest.fixture(scope="module")
def hostile(server, api):
    package = Package()
    package.add(article(1), HOSTILE)
    assert api.wait(api.submit(package.write(server.share / "hostile" / "hostile.zip")))["results"]["errors"] == 0
    return f"/console/articles/{api.get('/articles').json()['articles'][0]['id']}"


def test_stored_script_does_not_run(chromium, server, account, hostile):
    chromium.open()
    chromium.do("signIn", **account)
    shown = chromium.do("safety.mjs:showHostile", url=server.url, address=hostile)
    assert shown == {"ran": None, "asked": [], "left": {"active": [], "handlers": []}}


def test_the_frame_runs_nothing_even_uncleaned(chromium, server, account, hostile):
    chromium.open()
    chromium.do("signIn", **account)
    chromium.do("safety.mjs:showHostile", url=server.url, address=hostile)
    after = chromium.do("safety.mjs:injectUncleaned", markup=MARKUP)
    assert after == {"ran": None, "address": server.url + hostile}


def test_the_page_runs_nothing_inline(chromium, server, account):
    chromium.open()
    chromium.do("signIn", **account)
    assert chromium.do("safety.mjs:injectIntoPage") is None
    assert any("script-src" in text for text in chromium.problems()), "the policy is what refused it"
