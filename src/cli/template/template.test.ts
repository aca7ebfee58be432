import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  executeTemplate,
  functionNames,
  goType,
  parseJson,
  parseTemplate,
  parseUntyped,
  templateFunctions,
} from "./index.ts";

const schema = {
  Thing: `ID=Id:string; Name:string; Count:int; Ratio:float; On:bool; Tags:[]string; Labels:map string; Inner:*Inner
    Gone?:*Inner; Made:time; Wait:duration; Ports:map []Port; Any:any`,
  Inner: "A:int; B:string",
  Port: "Ip:string; Number=Port:string",
};
const json = `{"Id":"abc","Name":"/web","Count":3,"Ratio":1.5,"On":true,"Tags":["x","y"],"Labels":{"b":"2","a":"1"},
  "Inner":{"A":1,"B":"<b>"},"Made":"2025-01-02T03:04:05.5Z","Wait":90000000000,"Ports":{"80/tcp":[{"Ip":"::","Port":"8"}]},
  "Any":{"k":[1,2.50,null]}}`;

function run(source: string): string {
  const template = parseTemplate(source, functionNames);
  return executeTemplate(
    template,
    { type: goType(schema, "Thing"), data: parseJson(json) },
    { functions: templateFunctions },
  );
}

function runUntyped(source: string): string {
  const template = parseTemplate(source, functionNames);
  return executeTemplate(template, parseUntyped(json), { functions: templateFunctions, isStrict: true });
}

function failure(source: string, how: (source: string) => string = run): string {
  try {
    return how(source);
  } catch (error) {
    return (error as Error).message;
  }
}

describe("values", () => {
  const cases: Record<string, string> = {
    "{{.ID}} {{.Name}} {{.Count}} {{.Ratio}} {{.On}}": "abc /web 3 1.5 true",
    "{{.Tags}} {{.Labels}} {{.Inner}} {{.Gone}}": "[x y] map[a:1 b:2] {1 <b>} <nil>",
    "{{.Made}} {{.Wait}} {{.Ports}}": "2025-01-02 03:04:05.5 +0000 UTC 1m30s map[80/tcp:[{:: 8}]]",
    "{{.Labels.a}} {{.Labels.zz}} {{index .Labels `b`}}": "1 <no value> 2",
    "{{json .Inner}} {{json .Tags}} {{json .Labels}} {{json .Gone}}":
      '{"A":1,"B":"<b>"} ["x","y"] {"a":"1","b":"2"} null',
    "{{.Any.k}} {{json .Any}}": '[1 2.5 <nil>] {"k":[1,2.5,null]}',
  };
  for (const [source, expected] of Object.entries(cases)) test(source, () => assert.equal(run(source), expected));

  test("without types, numbers keep their digits and names are JSON's", () => {
    assert.equal(runUntyped("{{.Id}} {{.Any.k}} {{json .Inner}}"), 'abc [1 2.50 <nil>] {"A":1,"B":"<b>"}');
  });
});

describe("control", () => {
  const cases: Record<string, string> = {
    "{{if .On}}yes{{else}}no{{end}}": "yes",
    "{{if .Gone}}a{{else if .Count}}b{{else}}c{{end}}": "b",
    "{{with .Inner}}{{.A}}{{end}}{{with .Gone}}x{{else}}none{{end}}": "1none",
    "{{range .Tags}}<{{.}}>{{end}}": "<x><y>",
    "{{range $i, $t := .Tags}}{{if $i}},{{end}}{{$t}}{{end}}": "x,y",
    "{{range $k, $v := .Labels}}{{$k}}={{$v}};{{else}}none{{end}}": "a=1;b=2;",
    "{{range .Tags}}{{.}}{{break}}{{end}}{{range .Tags}}{{continue}}{{.}}{{end}}": "x",
    "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}": "2",
    "{{with $y := .Name}}{{$y}}{{$.Count}}{{end}}": "/web3",
    " a {{- .Count -}} b {{/* gone */ -}}  c": " a3b c",
    "{{(index .Ports `80/tcp`) | len}} {{(.Inner).A}}": "1 1",
  };
  for (const [source, expected] of Object.entries(cases)) test(source, () => assert.equal(run(source), expected));
});

describe("functions", () => {
  const cases: Record<string, string> = {
    "{{upper .Name}} {{.Name | title}} {{lower `AB`}}": "/WEB /Web ab",
    '{{join .Tags ","}} {{split "a-b" "-"}} {{truncate .Name 2}} {{pad .ID 1 2}}|': "x,y [a b] /w  abc  |",
    "{{eq .Count 3}} {{eq .ID `x` `abc`}} {{ne 1 2}} {{lt 1 2}} {{ge 1.5 2.5}}": "true true true true false",
    "{{and 1 0}} {{or 0 `x`}} {{not true}} {{len .Tags}} {{len `abc`}}": "0 x false 2 3",
    "{{slice .Name 1 3}} {{slice .Tags 1}} {{index .Tags 1}}": "we [y] y",
    '{{printf "%s|%5d|%-4s|%05d|%q|%v|%x|%.1f|%t|%%" .ID 42 "a" 7 "q" .Tags 255 1.25 true}}':
      'abc|   42|a   |00007|"q"|[x y]|ff|1.3|true|%',
    '{{printf "%d" .ID}} {{printf "%s"}} {{printf "x" 1}}': "%!d(string=abc) %!s(MISSING) x%!(EXTRA int=1)",
    '{{print 1 2 "x" 3}}{{println "a" 1}}': "1 2x3a 1\n",
    "{{html `<a>&`}} {{urlquery `a b&`}}": "&lt;a&gt;&amp; a+b%26",
  };
  for (const [source, expected] of Object.entries(cases)) test(source, () => assert.equal(run(source), expected));
});

describe("what is wrong with a template", () => {
  const cases: Record<string, string> = {
    "{{.ID": "template: :1: unclosed action",
    "{{if .ID}}": "template: :1: unexpected EOF",
    "\n{{end}}": "template: :2: unexpected {{end}}",
    "{{nosuch}}": 'template: :1: function "nosuch" not defined',
    "{{$y}}": 'template: :1: undefined variable "$y"',
    "{{.}": "template: :1: bad character U+007D '}'",
    "{{1 | 2}}": "template: :1: non executable command in pipeline stage 2",
    '{{"x}}': "template: :1: unterminated quoted string",
    "{{}}": "template: :1: missing value for command",
    "{{.Nosuch}}": `template: :1:2: executing "" at <.Nosuch>: can't evaluate field Nosuch in type Thing`,
    "ab{{.Inner.Nosuch}}": `template: :1:10: executing "" at <.Inner.Nosuch>: can't evaluate field Nosuch in type *Inner`,
    "{{.Gone.A}}": 'template: :1:7: executing "" at <.Gone.A>: nil pointer evaluating *Inner.A',
    "{{index .Tags 9}}": 'template: :1:2: executing "" at <index .Tags 9>: error calling index: index out of range: 9',
    "{{lower 1}}": 'template: :1:8: executing "" at <1>: expected string; found 1',
    "{{lower .Count}}": 'template: :1:8: executing "" at <.Count>: wrong type for value; expected string; got int',
    "{{join .Tags}}": 'template: :1:2: executing "" at <join>: wrong number of args for join: want 2 got 1',
    "{{eq .Count `x`}}":
      'template: :1:2: executing "" at <eq .Count `x`>: error calling eq: incompatible types for comparison: int and string',
  };
  for (const [source, expected] of Object.entries(cases)) test(source, () => assert.equal(failure(source), expected));

  test("a key that untyped data lacks", () => {
    assert.equal(
      failure("{{.Inner.Nosuch}}", runUntyped),
      'template: :1:8: executing "" at <.Inner.Nosuch>: map has no entry for key "Nosuch"',
    );
  });
});
