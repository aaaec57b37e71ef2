// Records what sigs.k8s.io/yaml, the library of Kubernetes' Go programs, makes of YAML texts.
//
//	cd xtask/tests/oracle/documents && go run . > ../../../crates/documents/src/recorded.json
//
// No test runs Go: the tests of the crate `documents` read the recorded file.
package main

import (
	"encoding/json"
	"os"

	"sigs.k8s.io/yaml"
)

// Plain scalars, each tried as a value, in quotes, in brackets and as a key.
var scalars = []string{
	"y", "Y", "yes", "Yes", "YES", "yEs", "n", "N", "no", "No", "NO", "nO", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE",
	"on", "On", "ON", "oN", "off", "Off", "OFF", "~", "null", "Null", "NULL", "nULL", "none", "nil",
	"0", "-0", "+0", "00", "7", "-7", "+7", "0755", "-0755", "+0755", "0o755", "0O755", "-0o17", "0789", "08", "09.5", "0b101", "0B101", "-0b101",
	"+0b101", "0b102", "0x1F", "0X1f", "-0x1F", "0xg", "0x", "0b", "0o", "1_000", "1__0", "1_", "_1", "0x_ff", "-_1", "1_000.5", "0_7",
	"9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
	"+9223372036854775808", "0xffffffffffffffff", "0x10000000000000000", "123456789012345678901234567890",
	"1.0", "1.5", "-1.5", "+1.5", "1.", ".5", "-.5", "+.5", ".", "..", "-.", "+", "-", "1e3", "1E3", "1e+3", "1e-3", "1e", "e3", "1.e3", ".5e1", "1e999", "-1e999",
	"1e-999", "1e20", "1e21", "1e22", "1.7976931348623157e308", "5e-324", "0.1", "0.10", "1.20", "1e-6", "1e-7", "123456.789", "-0.0", "0.0", "1_0e1",
	".1_0", "._1", ".1_", ".1__0", "3.14159265358979323846", "100000000000000000000.0", "9007199254740993", "9007199254740993.0", "1e6", "1e5", "123456789.5", "0.00001", "0.0001",
	".inf", "-.inf", "+.inf", ".Inf", ".INF", ".iNF", ".nan", ".NaN", ".NAN", ".nAN", "inf", "nan", "NaN", "Infinity", ".infinity",
	"2001-01-01", "2001-1-1", "2001-13-01", "2001-01-01T10:00:00Z", "2001-12-14t21:59:43.10-05:00", "2001-12-14 21:59:43", "12:30:45", "190:20:30", "1.2.3", "1.2.3.4",
	"<<", "=", "a b", "a:b", "a#b", "http://x:80/y", "10m", "1Gi", "1.5.0", "v1", "1d", "0x1p4", "0x1.8p1", "1/2", "1,000", "50%", "a'b", "a\"b", "-a", "--", "---a", "?a", ":a", "a?", "$x", "\\n", "é", "日本", "𝄞",
	"1e1_0", "1e0x1", "0.1e-10", "1.0e0", "+1e3", "-1e3", "1:2", "007", "0.", "00.5", "0e0",
}

var tagged = []string{
	"!!str 12", "!!str yes", "!!str", "!!str ~", "!!int 12", "!!int \"12\"", "!!int abc", "!!int 1.5", "!!int 0x10", "!!float 3", "!!float \"3\"", "!!float 3.5", "!!float abc", "!!float 18446744073709551615",
	"!!bool yes", "!!bool \"no\"", "!!bool 1", "!!null ~", "!!null \"\"", "!!null x", "!!timestamp 2001-01-01", "!!timestamp x", "!!timestamp 2001-02-30", "!!timestamp 2001-12-14t21:59:43.10-05:00",
	"!!timestamp 2001-12-14 21:59:43", "!!timestamp 2001-12-14T21:59:43", "!!timestamp \"2001-01-01\"", "!!binary aGVsbG8=", "!!binary aGVsbG8", "!!binary /w==", "!!binary \"aGVs bG8=\"", "!!binary gIGC", "!!binary aGVsbG9=",
	"! 12", "!x 12", "!x yes", "!<tag:yaml.org,2002:int> 12", "!<tag:yaml.org,2002:str> 12", "!!map {a: 1}", "!!seq [1]", "!!set {a, b}", "!!omap [a: 1]", "!!foo 12", "!x {a: 1}", "!!str {a: 1}", "!!merge <<", "!!int 1_000", "!!str \"x\"", "!!bool y",
}

var texts = []string{
	"", "\n", "# c\n", "---\n", "--- ~\n", "--- a\n", "...\n", "a: 1\n...\n", "%YAML 1.1\n---\na: 1\n", "%YAML 1.2\n---\na: 1\n", "\ufeffa: 1\n", "%TAG !e! tag:e.com,2000:\n---\na: !e!x 1\n",
	"a: 1\nb: 2\n", "a:\n", "a: \n  b:\n", "a:\n- 1\n- 2\n", "a:\n  - 1\n  - 2\n", "- a\n- b\n", "- a: 1\n  b: 2\n- c\n", "- - 1\n  - 2\n- 3\n", "-\n-\n", "- \n", "a:\n  -\n    b: 1\n", "a: [1, 2, ]\n", "a: {b: 1, c: 2, }\n", "a: {}\n", "a: []\n",
	"a: {b}\n", "a: {b: , c}\n", "a: [b: 1]\n", "a: [b: 1, c]\n", "a: [\n  1,\n  2\n]\n", "a: {\n  b: 1\n}\n", "{a: 1, b: [x, y]}\n", "[a, [b, [c]]]\n", "{\"a\": 1, \"b\": [true, null, 1.5e3]}", "{\"a\":1,\"b\":\"x\"}", "[1,2,3]", "\"x\"", "{\"a\": \"\\u00e9\\n\\t\\\"\\/\"}", "{\"a\": \"\\ud834\\udd1e\"}",
	"a: |\n  x\n  y\n", "a: |-\n  x\n  y\n", "a: |+\n  x\n\n", "a: >\n  x\n  y\n\n  z\n", "a: >-\n  x\n  y\n", "a: |2\n    x\n   y\n", "a: |\n  x\n   y\n  z\nb: 1\n", "a: |\n\n  x\n", "a: |\n", "a: >\n  x\n    y\n  z\n", "a: |-\n  x\n\n\nb: 2\n", "a: |+\n  x\n\n\nb: 2\n", "a: >+\n  x\n\nb: 1\n", "- |\n x\n- >\n y\n", "a: | # c\n  x\n",
	"a: \"x\\ny\"\n", "a: 'it''s'\n", "a: \"x\n  y\"\n", "a: 'x\n\n  y'\n", "a: x\n  y\n", "a: x\n\n  y\n", "a: \"\\x41\\u0041\\U00000041\"\n", "a: \"\\q\"\n", "a: \"\\e\\0\\a\\b\\v\\f\\r\\N\\_\\L\\P\"\n", "a: \"\\\n  x\"\n", "a: 'x\\n'\n", "\"a b\": 1\n'c': 2\n", "a : 1\n", "a:  1  # c\n", "a: '#'\n", "a: x#y\n", "a: x #y\n", "a: ''\n", "a: \"\"\n",
	"a: &x 1\nb: *x\n", "a: &x {b: 1}\nc: *x\n", "a: &x [1]\nc: *x\nd: *x\n", "a: *x\n", "a: &x\nb: *x\n", "&k a: 1\n*k : 2\n", "&k a: 1\nb: *k\n", "a: &x [*x]\n", "a: &x 1\nb: &x 2\nc: *x\n", "&r {a: 1}\n", "a: &x !!str 1\nb: *x\n", "a: !!str &x 1\nb: *x\n",
	"d: &d {a: 1, b: 2}\ne: {<<: *d, b: 3}\n", "d: &d {a: 1, b: 2}\ne: {b: 3, <<: *d}\n", "d: &d {a: 1}\nf: &f {a: 2, c: 3}\ne: {<<: [*d, *f]}\n", "e: {<<: {a: 1}, b: 2}\n", "e: {<<: [{a: 1}, {a: 2, b: 3}]}\n", "e: {<<: 1}\n", "e: {<<: [1]}\n", "e: {<<: }\n", "d: &d [1]\ne: {<<: *d}\n", "e: {\"<<\": {a: 1}}\n", "e: {!!merge <<: {a: 1}}\n", "e: {!!str <<: {a: 1}}\n",
	"d: &d {a: {x: 1}}\ne:\n  <<: *d\n  a: {y: 2}\n", "d: &d {a: 1}\nf: &f {<<: *d, b: 2}\ne: {<<: *f, c: 3}\n", "d: &d {a: 1}\ng: &g {a: 2}\ne:\n  <<: *d\n  <<: *g\n", "a: <<\n", "- <<\n",
	"1: a\n", "1.5: a\n", "yes: a\n", "on: a\n", "~: a\n", "null: a\n", ": a\n", "? a\n: b\n", "? a\n", "? [a]\n: b\n", "? {a: 1}\n: b\n", "{[a]: b}\n", "1e10: a\n", "0.1: a\n", "123456789: a\n", ".inf: a\n", "-.inf: a\n", ".nan: a\n", "18446744073709551615: a\n", "0x10: a\n", "0o17: a\n", "!!binary aGk=: a\n", "2001-01-01: a\n", "1234567.5: a\n", "0.00001: a\n", "1e300: a\n", "16777217.0: a\n", "!!str 1: a\n", "!!float 1: a\n", "-0.0: a\n", "\"\": a\n",
	"a: 1\na: 2\n", "a: {b: 1, b: 2}\n", "yes: 1\ntrue: 2\n",
	"a: .nan\n", "a: .inf\n", "[.inf]\n",
	"a: b: c\n", "a:\n  b: 1\n c: 2\n", "a: 1\n b: 2\n", "a: [1, 2\n", "a: {b: 1\n", "a: \"x\n", "a: 'x\n", "a: ]\n", "a: }\n", "a: ,\n", "- a\nb: 1\n", "a: 1\n- b\n", "\ta: 1\n", "a:\n\tb: 1\n", "a:\t1\n", "a: \t1\n", "a: 1\t\n", "a: x\ty\n", "- \ta\n", "a: |\n\tx\n", "a: @x\n", "a: `x\n", "a: %x\n", "a: *\n", "a: &\n", "a: !\n", "a: | x\n", "a: >9\n", "a: \"x\" y\n", "a: 'x' y\n", "a: [x]y\n", "a:b\n", "a\n", "a\nb\n", "a\nb: 1\n", "{a:1}\n", "{a: 1}}\n", "[a\n]\n", "[\na\n]\n", "a: [\n1]\n", "a: {\nb: 1}\n", "a: [x, # c\n  y]\n", "[a, , b]\n", "{a: 1,, b: 2}\n", "[,]\n", "{,}\n", "{a: [}\n", "- - - a\n", "-a\n", "- -a\n", "a: -b\n", "a: - b\n", "a: ? b\n", "a: : b\n",
	"a: x: y\n", "a: http://b\n", "a: {x: http://b}\n", "a: {x: b:c}\n", "[a:b]\n", "[a: b]\n", "{\"a\":b}\n", "{'a':b}\n", "[\"a\":b]\n", "{a: -1}\n", "[-1, - 1]\n", "{?a: 1}\n", "{? a: 1}\n", "[? a]\n", "a: [?x]\n", "{a?: 1}\n", "a: x]\n", "a: x}\n", "a: x,y\n", "a: [x{y]\n", "a: x{y}\n", "# c\na: 1 # d\n# e\n", "a: #x\n", "a:#x\n", "a: 1 #\n", "#\n#\na: 1", "a: 1\r\nb: 2\r\n", "a: |\r\n  x\r\n  y\r\n", "a: 1\rb: 2\r", "a: x\u0085  y\n", "a: x\u2028  y\n", "a: \u00a0x\n", "a: \u0001\n", "a: \"\u0001\"\n", "a: \u007f\n", "a: \ud7fb\n", "a: \uffff\n", "a: \"\\ud800\"\n", "a: \"\\uZZZZ\"\n", "a: \"\\x4\"\n",
	"---\na: 1\n---\nb: 2\n", "a: 1\n---\n{broken\n", "--- |\n  x\n", "--- {a: 1}\n", "--- a: 1\n", "---a: 1\n", "--- # c\na: 1\n", "... a\n", "a: 1\n---x\n", "a: '---'\n", "a: |\n  ---\n  b\n", "a: \"\n---\n\"\n", "a: --- b\n", "%foo\n---\na: 1\n", "%YAML 2.0\n---\na: 1\n", "%YAML 1.1\na: 1\n", "% x\n",
	"a:\n# c\n  b: 1\n", "a:\n  b: 1\n# c\n  c: 2\n", "a:\n    b: 1\n    c:\n      - d\n      # e\n      - f\n", "a:\n- b: 1\n- c: 2\nd: 3\n", "- a:\n  - b\n  c: 1\n", "- a:\n    - b\n  c: 1\n", "a:\n  - b\n - c\n", "a:\n  - b\n   - c\n", "a: 1\nb\n", "a:\n  b\n  c: 1\n", "a: x\nb: y: z\n", "a: >\n x\n\n\n  y\n z\n", "a: |1\n  x\n", "a: |\n     \n  x\n", "a: |\n  x\n y\n", "a: \"x\" # c\n", "a: 'x'# c\n", "a: [1]# c\n", "a: !!str\nb: 1\n", "a: !!null\nb: 1\n", "a: &x\n  b: 1\nc: *x\n", "a: &x\n- 1\nc: *x\n", "a: !t\n  b: 1\n", "a: &x-y.z 1\nb: *x-y.z\n", "a: &x:y 1\nb: *x:y\n", "[&x a, *x]\n", "[&x a, *x ]\n", "{a: &x 1, b: *x}\n", "a: &x 1 2\n", "&x *x\n", "a: &x *y\n", "!!str a: 1\n", "- &x a\n- *x\n", "{{ .Values.x }}: 1\n", "a: {{ .Values.x }}\n", "a: {{x}}\n",
	"key with spaces: value with spaces\n", "\"quoted\": 'single'\n", "a: 'multi\n  line'\n", "a:\n  \"b\": |\n    c\n  'd': >\n    e\n", "? |\n  block key\n: - one\n  - two\n", "a: !!binary |\n  aGVs\n  bG8=\n", "a: \"\\u263A\"\n", "a: '\\u263A'\n", "a: ☺\n", "a: \"tab\\tx\"\n", "x: !!python/object:a.B {}\n", "x: !Ref y\n", "x: !Sub\n  - a\n  - b\n", "x: !GetAtt a.b\n",
}

func main() {
	type recorded struct {
		In    string `json:"in"`
		JSON  string `json:"json,omitempty"`
		Error string `json:"error,omitempty"`
	}
	var out []recorded
	add := func(in string) {
		r := recorded{In: in}
		if b, err := yaml.YAMLToJSON([]byte(in)); err != nil {
			r.Error = err.Error()
		} else {
			r.JSON = string(b)
		}
		out = append(out, r)
	}
	for _, s := range scalars {
		add("a: " + s + "\n")
		add("a: '" + s + "'\n")
		add("[" + s + "]\n")
		add(s + ": a\n")
	}
	for _, s := range tagged {
		add("a: " + s + "\n")
		add("- " + s + "\n")
	}
	for _, s := range texts {
		add(s)
	}
	os.Stdout.WriteString("[\n")
	for i, r := range out {
		b, _ := json.Marshal(r)
		if i > 0 {
			os.Stdout.WriteString(",\n")
		}
		os.Stdout.Write(b)
	}
	os.Stdout.WriteString("\n]\n")
}
