package main

import (
	_ "embed"
	"fmt"
	"strings"
)

// Values of every kind; what starts with $ is made by typed().
const data = `
{"nothing": null, "yes": true, "no": false, "zero": 0, "port": 8080, "pi": 3.14159, "neg": -2.5, "million": 1000000, "big": 1e21, "tiny": 1e-7,
 "text": "order", "empty": "", "wide": "h\u00e9\u20ac\ud83d\ude00", "odd": "a\"b\\c\td\u0001<e>&'f'= +\u200b\u00ff` + "`" + `",
 "list": [1, "two", null, true, [3], {"k": "v"}], "nolist": [], "map": {"a": 1, "b": "x", "c": null, "d": {"e": "deep"}, "l": [1, 2]}, "nomap": {},
 "strings": {"$strings": ["x", "y"]}, "ints": {"$ints": [7, 8]}, "labels": {"$labels": {"env": "dev", "tier": "web"}}, "bytes": {"$bytes": "hi"},
 "nillist": {"$nillist": 0}, "nilmap": {"$nilmap": 0},
 "int": {"$int": 42}, "intneg": {"$int": -7}, "int64": {"$int64": 42}, "int32": {"$int32": 65}, "uint8": {"$uint8": 42}, "uint64": {"$uint64": 18446744073709549568}, "float32": {"$float32": 0.1}}`

var kinds = strings.Fields("nothing yes zero port pi neg million big tiny text empty wide odd list nolist map nomap strings ints labels bytes nillist nilmap int intneg int64 int32 uint8 uint64 float32 missing")

//go:embed syntax.txt
var syntax string

func cases() []Case {
	var out []Case
	add := func(template string, options ...string) {
		if len(options) == 0 {
			options = []string{""}
		}
		for _, option := range options {
			out = append(out, Case{Template: template, Option: option})
		}
	}
	for _, text := range strings.Split(syntax, "\n=\n") {
		add(strings.TrimSuffix(text, "\n"))
	}
	all := []string{"", "missingkey=zero", "missingkey=error"}
	for _, k := range kinds {
		for _, verb := range strings.Fields("v +v #v T t b c d o O q x X U e E f F g G s w y 6v -6v| 06v .2v 08.3f +d #x #q +q #U 5t") {
			add(fmt.Sprintf(`{{printf "%%%s" .%s}}`, verb, k))
		}
		for _, f := range strings.Fields("print println html js urlquery len not") {
			add(fmt.Sprintf("{{%s .%s}}", f, k))
		}
		add(fmt.Sprintf("{{.%s}}", k), all...)
		add(fmt.Sprintf("{{.%s.a}}", k), all...)
		add(fmt.Sprintf("{{.%s.x.y}}", k), all...)
		add(fmt.Sprintf("{{with .%s}}{{.x}}{{end}}", k), all...)
		add(fmt.Sprintf("{{$v := .%s}}{{$v}} {{$v.x}}", k), all...)
		add(fmt.Sprintf("{{(.%s).x}}", k), all...)
		add(fmt.Sprintf("{{print .%s nil 1 `x`}}", k))
		add(fmt.Sprintf("{{if .%s}}true{{else}}false{{end}}", k))
		add(fmt.Sprintf("{{with .%s}}[{{.}}]{{else}}none{{end}}", k))
		if k != "uint64" { // would not end
			add(fmt.Sprintf("{{range .%s}}[{{.}}]{{else}}none{{end}}", k))
		}
		add(fmt.Sprintf("{{range $i, $e := .%s}}{{$i}}={{$e}};{{else}}none{{end}}", k))
		add(fmt.Sprintf("{{and .%s 1}} {{or .%s 2}} {{.%s | and 3}} {{.%s | or 0}}", k, k, k, k))
		add(fmt.Sprintf("{{.%s 1}}", k))
		add(fmt.Sprintf("{{1 | .%s}}", k))
		add(fmt.Sprintf("{{.%s | printf}}", k))
		add(fmt.Sprintf("{{printf .%s}}", k))
		add(fmt.Sprintf("{{call .%s}}", k))
		add(fmt.Sprintf("{{.%s | call}}", k))
		for _, key := range []string{"0", "1", "2", "5", "-1", `"a"`, `"env"`, `"zz"`, "nil", ".int", ".port", ".uint8", ".nothing", ".missing", `"d" "e"`, `"c" "x"`, "4 0", "5 `k`", "2 1"} {
			add(fmt.Sprintf("{{index .%s %s}}", k, key))
		}
		for _, other := range kinds {
			add(fmt.Sprintf("{{eq .%s .%s}}", k, other))
			add(fmt.Sprintf("{{lt .%s .%s}}", k, other))
		}
		for _, op := range []string{"eq", "ne", "lt", "le", "gt", "ge"} {
			for _, literal := range []string{"42", "8080.0", `"order"`, "true", "nil"} {
				add(fmt.Sprintf("{{%s .%s %s}}", op, k, literal))
			}
		}
	}
	for _, format := range []string{"%5d", "%-5d|", "%05d", "%+d", "% d", "%x", "%X", "%#x", "%#o", "%O", "%b", "%#b", "%c", "%q", "%+q", "%U", "%#U", "%.3d", "%8.3d", "%-8.3d|", "%08.3d", "%.0d", "%+.2d", "%e", "%6.2d", "%#U", "%20U", "%x %d", "%*d", "%[1]d", "%[1]*d", "%!", "%", "%z", "%5%", "%é"} {
		for _, n := range []string{"0", "5", "-5", "255", "65", "128512", "9223372036854775807", "-9223372036854775808"} {
			add(fmt.Sprintf("{{printf %q %s}}", format, n))
		}
	}
	for _, format := range []string{"%f", "%5.2f", "%.0f", "%-10.3f|", "%010.3f", "%+.2f", "% .2f", "%e", "%.3e", "%E", "%g", "%.3g", "%G", "%#g", "%#.3g", "%x", "%.2x", "%X", "%b", "%v", "%6v", "%+v", "%#v", "%08v", "%.20f", "%.10g", "%#x", "%#e", "%#.0f", "%+g", "%+010.2e", "%F", "%20g", "%-20g|", "%#.8X"} {
		for _, n := range []string{"0.0", "1.0", "-1.5", "3.14159", "1e6", "123456789.0", "1e20", "1e21", "1e-5", "0.0001", "2.5", "0.1", "1e100", "5e-324", "1.7976931348623157e308", "0x1p-2", "100000.0", "999999.5", "12345.678"} {
			add(fmt.Sprintf("{{printf %q %s}}", format, n))
		}
	}
	for _, format := range []string{"%s", "%10s", "%-10s|", "%.2s", "%10.2s", "%010s", "%q", "%+q", "%#q", "%10q", "%.2q", "%x", "% x", "%#x", "%# x", "%X", "%.1x", "%20x", "%-20x|", "%v", "%#v", "%d", "%t", "%c", "%5T", "%-20T|", "%s%s", "%[2]s", "%[1]s %[1]q", "%[3]*.[2]*[1]f", "%.*s", "%*s", "%s %!", "%[x]s", "%[1", "%[0]d", "%[1]3d", "%.[1]3d", "%99999999d", "%.99999999d", "%d %d %d"} {
		for _, s := range []string{".text", ".wide", ".odd", ".empty", "`a\\b`", ".list", ".strings", ".map", ".bytes", "3 .text", "-8 .text .port", "1.5 2 6"} {
			add(fmt.Sprintf("{{printf %q %s}}", format, s))
		}
	}
	return out
}
