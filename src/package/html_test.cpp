#include "package/html.h"

#include <gtest/gtest.h>
#include <gumbo.h>

#include <algorithm>
#include <filesystem>
#include <iostream>

#include "base/files.h"
#include "base/text.h"

namespace waybill::package {
namespace {

HtmlContent read(std::string_view html) {
  HtmlContent content;
  read_html(html, content);
  return content;
}

/// "url <as written>" of each reference, links in brackets.
std::vector<std::string> references(std::string_view html) {
  std::vector<std::string> out;
  for (const auto& reference : read(html).references) {
    const std::string raw(html.substr(reference.begin, reference.end - reference.begin));
    const std::string line = raw == reference.url ? raw : std::string(reference.url) + " <" + raw + ">";
    out.push_back(reference.kind == HtmlReference::Kind::link ? "[" + line + "]" : line);
  }
  return out;
}

std::vector<std::string> active(std::string_view html) {
  std::vector<std::string> out;
  for (const auto& content : read(html).active) {
    EXPECT_EQ(html.substr(content.offset, 1), "<");
    out.push_back(content.what);
  }
  return out;
}

using Lines = std::vector<std::string>;

TEST(ReadHtml, TakesTheFirstTitle) {
  EXPECT_EQ(read("<head><TITLE>\n std::vector &lt;T>\t<b> </Title><title>two</title>").title,
            "std::vector <T> <b>");
  EXPECT_EQ(read("<svg><title>icon</title></svg><title>page</title>").title, "page");
  EXPECT_EQ(read("<template><title>t</title></template><title>page</title>").title, "page");
  EXPECT_EQ(read("no title").title, "");
}

TEST(ReadHtml, GivesTheTextThatAReaderSees) {
  EXPECT_EQ(
      read("<html><head><title>T</title><style>p{}</style></head><body>\n<p>One <b>t</b>wo&amp;\n three</p>"
           "<p>four<br>five</p> six <ul><li>a<li>b</ul></body></html>")
          .text,
      "One two& three\nfour\nfive\nsix\na\nb");
  EXPECT_EQ(read("<table><tr><td>a</td><td>b</td></tr><tr><th>c<td>d</table>").text, "a b\nc d");
  EXPECT_EQ(read("a<!-- x --><script>if (a < b) '<p>'</script>b<template>no <b>no</b></template>c").text,
            "abc");
  EXPECT_EQ(read("a&nbsp;\u00A0 b").text, "a b");
  EXPECT_EQ(read("see<img src=x alt='the  map'>here <textarea><b></textarea>").text, "see the map here <b>");
  EXPECT_EQ(
      read("<noscript><p>shown</noscript><iframe><p>not</iframe><noembed>not</noembed><xmp><b></xmp>").text,
      "shown\n<b>");
  EXPECT_EQ(read("").text, "");
  EXPECT_EQ(read("<p>a<plaintext><b></plaintext>").text, "a\n<b></plaintext>");
}

TEST(ReadHtml, FindsTheReferencesOfTheContract) {
  EXPECT_EQ(references("<a href=a.html><area href=b.html><link href=c.css><base href=no><p href=no>"),
            (Lines{"[a.html]", "[b.html]", "c.css"}));
  EXPECT_EQ(
      references("<img src=1><source src=2><video src=3 poster=4><audio src=5><track src=6><embed src=7>"
                 "<iframe src=8></iframe><script src=9></script><input src=10><object data=11><p src=no>"
                 "<img poster=no data=no><object src=no>"),
      (Lines{"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11"}));
}

TEST(ReadHtml, GivesTheRangeOfEachUrlAsItIsWritten) {
  EXPECT_EQ(references("<a href=\"a.html?x=1&amp;y=2&copy=3#f\"><img src=' b%20c.png\n'>"),
            (Lines{"[a.html?x=1&y=2&copy=3#f <a.html?x=1&amp;y=2&copy=3#f>]", "b%20c.png"}));
  EXPECT_EQ(references("<img src='&#32;a&#x2f;b.png&#10; '>"), (Lines{"a/b.png <a&#x2f;b.png>"}));
  EXPECT_EQ(references("<a href=one href=two><a HREF=three>"), (Lines{"[one]", "[three]"}));
  EXPECT_EQ(references("<a href><a href=''><a href='  '><!-- <a href=x> --><title><a href=y></title>"),
            Lines{});
}

TEST(ReadHtml, TakesSrcsetApart) {
  EXPECT_EQ(
      references("<img srcset='a.png, b.png 2x,c.png 100w , d,e.png 3x, data:image/png,x 1x,, f.png,'>"),
      (Lines{"a.png", "b.png", "c.png", "d,e.png", "data:image/png,x", "f.png"}));
  EXPECT_EQ(references("<source srcset='x.png calc(1, 2) 2x, a&amp;b.png'>"),
            (Lines{"x.png", "a&b.png <a&amp;b.png>"}));
  EXPECT_EQ(references("<img srcset=' , '><img srcset=''>"), Lines{});
}

TEST(ReadHtml, NamesActiveContentOnceEach) {
  EXPECT_EQ(
      active(
          "<script>1</script><IFRAME srcdoc='x'></iframe><object></object><embed><applet><frameset><frame>"),
      (Lines{"script element", "iframe element", "srcdoc attribute", "object element", "embed element",
             "applet element", "frameset element", "frame element"}));
  EXPECT_EQ(active("<b onClick=x onload=y on=z one=1>"),
            (Lines{"onclick attribute", "onload attribute", "one attribute"}));
  EXPECT_EQ(active("<base href=x><meta http-equiv=' Refresh'><meta charset=utf-8><link rel='x import'>"
                   "<link rel=important><form action=x>"),
            (Lines{"base element", "meta refresh", "link import"}));
  EXPECT_EQ(active("</script></iframe><!-- <script> --><title><script></title><p title='<script>'>"),
            Lines{});
}

TEST(ReadHtml, SeesThroughDisguisedScriptUrls) {
  for (const char* html : {"<a href='javascript:x'>", "<a href=' \x01 JaVa\nScr\tipt:x'>",
                           "<a href='&#106;avascript&colon;x'>", "<svg><a xlink:href=javascript:x>",
                           "<svg><set to=javascript:x>", "<button formaction=javascript:x>"}) {
    EXPECT_EQ(active(html), (Lines{"javascript: URL"})) << html;
  }
  EXPECT_EQ(active("<a href='vbscript:x'><a href='data:text/html,x'>"),
            (Lines{"vbscript: URL", "data: URL with HTML"}));
  EXPECT_EQ(active("<a href='x?javascript:'><a href='java script:x'><img src='data:image/png,x'><p "
                   "title=javascript:x>"),
            Lines{});
}

TEST(ReadHtml, TakesAnyBytes) {
  std::string html;
  for (int i = 0; i < 70'000; ++i) html += static_cast<char>((i * 7'919 + i / 256) % 256);
  const HtmlContent content = read(html);
  for (const auto& reference : content.references) EXPECT_LE(reference.end, html.size());
  HtmlContent reused = read("<title>x</title><a href=y onclick=z>w");
  read_html("", reused);
  EXPECT_TRUE(reused.title.empty() && reused.text.empty() && reused.references.empty() &&
              reused.active.empty());
}

// --- against another implementation ------------------------------------------------------------------------

void collect(const GumboNode& node, GumboTag tag, const char* name, std::vector<std::string>& out) {
  if (node.type != GUMBO_NODE_ELEMENT && node.type != GUMBO_NODE_TEMPLATE) return;
  const GumboAttribute* const attribute =
      node.v.element.tag == tag ? gumbo_get_attribute(&node.v.element.attributes, name) : nullptr;
  // Elements that the tree builder makes up a second time have no tag in the text.
  const bool made_up = (node.parse_flags & GUMBO_INSERTION_RECONSTRUCTED_FORMATTING_ELEMENT) != 0 ||
                       (node.parse_flags & GUMBO_INSERTION_ADOPTION_AGENCY_CLONED) != 0;
  if (attribute != nullptr && !made_up && !trim(attribute->value).empty())
    out.emplace_back(trim(attribute->value));
  for (unsigned i = 0; i < node.v.element.children.length; ++i) {
    collect(*static_cast<const GumboNode*>(node.v.element.children.data[i]), tag, name, out);
  }
}

std::vector<std::string> gumbo_values(const std::string& html, GumboTag tag, const char* name) {
  GumboOutput* const output = gumbo_parse_with_options(&kGumboDefaultOptions, html.data(), html.size());
  std::vector<std::string> values;
  collect(*output->root, tag, name, values);
  gumbo_destroy_output(&kGumboDefaultOptions, output);
  std::sort(values.begin(), values.end());
  return values;
}

/// Of our references those whose tag is <tag …: by the text in front of the range.
std::vector<std::string> our_values(const std::string& html, const HtmlContent& content, std::string_view tag,
                                    std::string_view name) {
  std::vector<std::string> values;
  for (const auto& reference : content.references) {
    const std::size_t less = html.rfind('<', reference.begin);
    if (less == std::string::npos || !iequals(std::string_view(html).substr(less + 1, tag.size()), tag))
      continue;
    const std::string_view before = std::string_view(html).substr(0, reference.begin);
    const std::size_t equals = before.rfind('=');
    if (!iequals(before.substr(equals - name.size(), name.size()), name) ||
        before[equals - name.size() - 1] == '-')
      continue;
    values.emplace_back(reference.url);
  }
  std::sort(values.begin(), values.end());
  return values;
}

TEST(ReadHtml, FindsTheSameLinksAndImagesAsAnotherParserInRealPages) {
  const std::filesystem::path folder = "/usr/share/cppreference/doc/html";
  if (!std::filesystem::is_directory(folder)) GTEST_SKIP() << "cppreference-doc-en-html is not installed";
  std::vector<std::filesystem::path> pages;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".html") pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  // Some 200 of them, from everywhere.
  const std::size_t step = std::max<std::size_t>(1, pages.size() / 200);
  for (std::size_t i = 0; i * step < pages.size(); ++i) pages[i] = pages[i * step];
  pages.resize((pages.size() + step - 1) / step);
  std::size_t links = 0;
  std::size_t images = 0;
  for (const auto& page : pages) {
    const auto html = read_file(page, 64 << 20);
    ASSERT_TRUE(html.ok());
    const HtmlContent content = read(*html);
    const auto hrefs = our_values(*html, content, "a ", "href");
    const auto sources = our_values(*html, content, "img ", "src");
    EXPECT_EQ(hrefs, gumbo_values(*html, GUMBO_TAG_A, "href")) << page;
    EXPECT_EQ(sources, gumbo_values(*html, GUMBO_TAG_IMG, "src")) << page;
    EXPECT_FALSE(content.title.empty()) << page;
    links += hrefs.size();
    images += sources.size();
  }
  std::cout << pages.size() << " pages with " << links << " links and " << images << " images\n";
  EXPECT_GT(links, 0U);
}

}  // namespace
}  // namespace waybill::package
