"""Articles are written by others: nothing in them runs, fetches or leads astray, by cleaning and by policy."""

import http.server
import threading

import pytest

from support.packages import Package, article

HOSTILE = """<html><head><title>x</title>
<meta http-equiv="refresh" content="0;url=ELSEWHERE/">
<base href="ELSEWHERE/">
<link rel="stylesheet" href="ELSEWHERE/x.css">
<script>parent.__ran = 'script'</script>
<style>@import url(ELSEWHERE/y.css); body { background: url(ELSEWHERE/z.png) }</style>
</head><body onload="parent.__ran = 'onload'"><p>Harmless text</p>
<img src="x.png" onerror="parent.__ran = 'onerror'">
<img src="ELSEWHERE/seen.png">
<svg onload="parent.__ran = 'svg'"><script>parent.__ran = 'svg script'</script><a xlink:href="javascript:parent.__ran='x'">s</a></svg>
<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=parent.__ran='mutation'&gt;"></table></mtext></math>
<iframe srcdoc="<script>parent.parent.__ran = 'srcdoc'</script>"></iframe>
<object data="javascript:parent.__ran='object'"></object><embed src="javascript:parent.__ran='embed'">
<a href="javascript:parent.__ran = 'link'">press</a>
<form action="ELSEWHERE/"><input name="password"><button>send</button></form>
<video src="ELSEWHERE/v.mp4" autoplay onloadstart="parent.__ran = 'video'"></video>
<details open ontoggle="parent.__ran = 'toggle'"><summary>s</summary></details>
</body></html>"""

MARKUP = """<img src=x onerror="parent.__ran = 'onerror'"><svg onload="parent.__ran = 'svg'"></svg>
<a href="javascript:parent.__ran='link'">press</a><a href="/console/nowhere" target="_top">top</a>"""


class Elsewhere(http.server.ThreadingHTTPServer):
    """Another server, which notes whoever comes."""

    def __init__(self):
        asked = self.asked = []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                asked.append(self.path)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture(scope="module")
def elsewhere():
    with Elsewhere() as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def hostile(server, api, elsewhere):
    package = Package()
    package.add(article(1), HOSTILE.replace("ELSEWHERE", elsewhere.url))
    assert api.wait(api.submit(package.write(server.share / "hostile" / "hostile.zip")))["results"]["errors"] == 0
    return f"/console/articles/{api.get('/articles').json()['articles'][0]['id']}"


def test_stored_script_does_not_run(chromium, server, account, hostile, elsewhere):
    chromium.open()
    chromium.do("signIn", **account)
    shown = chromium.do("safety.mjs:showHostile", url=server.url, address=hostile)
    assert shown == {"ran": None, "left": {"active": [], "handlers": []}}
    assert elsewhere.asked == []


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
