// Records what the template functions of Argo CD's ApplicationSet controller answer. How to run: README.md.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"regexp"
	"sort"
	"strings"

	"github.com/Masterminds/sprig/v3"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
)

// Case is one expression, or a template if it begins with a brace, and what Argo CD made of it.
type Case struct {
	Template string `json:"t"`
	Out      string `json:"o,omitempty"`
	Err      string `json:"e,omitempty"`
	// Random: Argo CD's result depends on the clock, on chance or on heavy cryptography; the program must say so.
	Random bool `json:"r,omitempty"`
}

const dataJSON = `{"s":"Hello World","e":"","n":42,"f":2.5,"big":1000000,"huge":1e21,"neg":-7,"t":true,"z":null,"zero":0,
"l":["b","a",3,null,"a",true,2.5],"le":[],"ln":[3,1,2],"ls":["x","y","x"],"lm":[{"a":1},{"a":1},{"b":2}],
"m":{"a":1,"b":"two","c":{"d":{"e":"deep"},"n":null},"l":[1,2]},"me":{},"m1":{"k":"v"},
"url":{"scheme":"https","host":"example.com:8080","path":"/a b","query":"x=1&y=2","fragment":"top","userinfo":"me:pw"},
"html":"<a href=\"x\">&'</a>","multi":"one\ntwo\n\nthree\n","uni":"Straße ñandú 日本語 ǅ ß","tabs":"a\tb c\n"}`

func data() map[string]any {
	d := map[string]any{}
	if err := json.Unmarshal([]byte(dataJSON), &d); err != nil {
		panic(err)
	}
	d["labels"] = map[string]string{"app": "shop", "tier": "web", "empty": ""}
	d["words"] = []string{"red", "green", "", "red"}
	return d
}

var pools = map[string][]string{
	"string": {`""`, `"abc"`, `"Hello World"`, `"a,b,c"`, `"foo-bar_baz Qux"`, `.uni`, `"12"`, `.multi`, `.tabs`, `"HTTPServer2x v1.2.3"`},
	"int":    {`0`, `1`, `2`, `3`, `-1`, `5`, `100`, `-100`},
	"uint32": {`1`, `0`},
	"slice":  {`(list)`, `(list "a")`},
	"struct": {`(buildCustomCert "" "")`, `nil`},
	"bool":   {`true`, `false`},
	"float64": {`0.5`, `1`, `-0.5`},
	"any": {`nil`, `true`, `false`, `0`, `5`, `-3`, `2.5`, `"abc"`, `"12"`, `"0x1f"`, `"3.7"`, `""`, `"017"`, `"1_000"`, `"12.00"`, `"true"`, `.n`, `.f`, `.huge`,
		`.l`, `.le`, `.ln`, `.m`, `.me`, `.labels`, `.words`, `(int64 7)`, `(list 1 "a" nil)`, `(list)`, `(dict "a" 1)`, `.z`, `.nothere`, `(until 3)`, `(splitList "," "a,b")`},
	"map": {`.m`, `.me`, `.m1`, `(dict)`, `(dict "a" 1 "b" (list))`, `.labels`, `.z`, `nil`, `.l`, `"abc"`},
	"time": {`(toDate "2006-01-02" "2024-02-29")`, `(toDate "2006-01-02T15:04:05Z07:00" "2023-12-31T23:59:59+02:00")`, `"abc"`, `nil`, `5`},
}

var wrong = []string{`"abc"`, `5`, `2.5`, `nil`, `.m`, `.z`, `.n`, `.labels`, `(list 1)`}

// Functions whose first parameter is a list.
const lists = " append push mustAppend mustPush prepend mustPrepend first mustFirst last mustLast rest mustRest initial mustInitial reverse mustReverse compact mustCompact uniq mustUniq without mustWithout "

// Defaults let one parameter vary while the others make sense.
var defaults = map[string][]string{
	"abbrev": {"5", `"hello world"`}, "abbrevboth": {"5", "10", `"1234 5678 9123"`}, "trunc": {"5", `"hello world"`}, "substr": {"0", "5", `"hello world"`},
	"repeat": {"3", `"ab"`}, "wrap": {"10", `"hello wide world of wrapping"`}, "wrapWith": {"5", `"|"`, `"hello wide world of wrapping"`}, "indent": {"2", `.multi`}, "nindent": {"2", `.multi`},
	"replace": {`"l"`, `"L"`, `"hello"`}, "plural": {`"one"`, `"many"`, "2"}, "split": {`","`, `"a,b,c"`}, "splitn": {`","`, "2", `"a,b,c"`}, "splitList": {`","`, `"a,b,c"`},
	"trimall": {`"$"`, `"$5$"`}, "trimAll": {`"$"`, `"$5$"`}, "trimSuffix": {`"c"`, `"abc"`}, "trimPrefix": {`"a"`, `"abc"`}, "contains": {`"b"`, `"abc"`}, "hasPrefix": {`"a"`, `"abc"`}, "hasSuffix": {`"c"`, `"abc"`},
	"round": {"123.5555", "2"}, "untilStep": {"0", "6", "2"}, "join": {`"-"`, `.l`}, "slice": {`.ln`, "1"}, "mustSlice": {`.ln`, "1"}, "chunk": {"2", ".l"}, "mustChunk": {"2", ".l"},
	"get": {".m", `"a"`}, "set": {`(dict "a" 1)`, `"b"`, "2"}, "unset": {`(dict "a" 1 "b" 2)`, `"b"`}, "hasKey": {".m", `"a"`}, "pluck": {`"a"`, ".m"}, "pick": {".m", `"a"`}, "omit": {".m", `"a"`},
	"has": {`"a"`, ".l"}, "mustHas": {`"a"`, ".l"}, "dig": {`"c"`, `"d"`, `"dflt"`, ".m"}, "ternary": {`"yes"`, `"no"`, "true"}, "typeIs": {`"string"`, `"x"`}, "kindIs": {`"map"`, ".m"}, "typeIsLike": {`"string"`, `"x"`},
	"regexMatch": {`"b+"`, `"abbc"`}, "regexFind": {`"[a-c]+"`, `"xxabcx"`}, "regexFindAll": {`"[0-9]"`, `"a1b2c3"`, "-1"}, "regexReplaceAll": {`"a(x*)b"`, `"-ab-axxb-"`, `"${1}W"`}, "regexReplaceAllLiteral": {`"a(x*)b"`, `"-ab-axxb-"`, `"${1}"`}, "regexSplit": {`"z+"`, `"pizza"`, "-1"},
	"mustRegexMatch": {`"b+"`, `"abbc"`}, "mustRegexFind": {`"[a-c]+"`, `"xxabcx"`}, "mustRegexFindAll": {`"[0-9]"`, `"a1b2c3"`, "-1"}, "mustRegexReplaceAll": {`"a(x*)b"`, `"-ab-axxb-"`, `"${1}W"`}, "mustRegexReplaceAllLiteral": {`"a(x*)b"`, `"-ab-axxb-"`, `"${1}"`}, "mustRegexSplit": {`"z+"`, `"pizza"`, "-1"},
	"semverCompare": {`"^1.2.0"`, `"1.3.4"`}, "semver": {`"1.2.3"`}, "date": {`"2006-01-02"`, "0"}, "htmlDate": {"0"}, "htmlDateInZone": {"0", `"UTC"`}, "dateInZone": {`"2006-01-02 15:04"`, "0", `"UTC"`}, "date_in_zone": {`"2006-01-02 15:04"`, "0", `"UTC"`},
	"toDate": {`"2006-01-02"`, `"2024-05-06"`}, "mustToDate": {`"2006-01-02"`, `"2024-05-06"`}, "urlParse": {`"https://u:p@h:1/p?q=1#f"`}, "urlJoin": {".url"}, "fail": {`"no"`},
	"dateModify": {`"-1.5h"`, `(toDate "2006-01-02" "2024-02-29")`}, "date_modify": {`"-1.5h"`, `(toDate "2006-01-02" "2024-02-29")`}, "mustDateModify": {`"-1.5h"`, `(toDate "2006-01-02" "2024-02-29")`}, "must_date_modify": {`"-1.5h"`, `(toDate "2006-01-02" "2024-02-29")`},
	"fromJson": {`"{\"a\":[1,2.50,null,\"x\"]}"`}, "mustFromJson": {`"{\"a\":[1,2.50,null,\"x\"]}"`}, "fromYaml": {`"a: 1\nb: [x, yes]\n"`}, "fromYamlArray": {`"- 1\n- a: no\n"`},
}

// heavy or random: only a handful of cases each, their results are never compared.
var random = regexp.MustCompile(`\b(now|ago|rand[A-Z]\w*|uuidv4|shuffle|bcrypt|htpasswd|gen[A-Z]\w*|encryptAES|decryptAES|buildCustomCert|derivePassword)\b`)
var dateFunction = regexp.MustCompile(`^(date|htmlDate|date_in_zone|dateInZone|htmlDateInZone)$`)

func kind(t reflect.Type) string {
	switch {
	case t.Kind() == reflect.Interface:
		return "any"
	case t.Kind() == reflect.Map:
		return "map"
	case t.String() == "time.Time":
		return "time"
	}
	return t.Kind().String()
}

func table(name string, f any) []string {
	t := reflect.TypeOf(f)
	fixed := t.NumIn()
	if t.IsVariadic() {
		fixed--
	}
	kinds := []string{}
	for i := 0; i < fixed; i++ {
		kinds = append(kinds, kind(t.In(i)))
	}
	base := defaults[name]
	if base == nil {
		for _, k := range kinds {
			if k == "any" && len(kinds) <= 2 && strings.Contains(lists, " "+name+" ") {
				base = append(base, ".l")
				continue
			}
			base = append(base, pools[k][1])
		}
		if t.IsVariadic() {
			k := kind(t.In(fixed).Elem())
			base = append(base, pools[k][1], pools[k][0])
			kinds = append(kinds, k, k)
		}
	} else if t.IsVariadic() {
		for len(kinds) < len(base) {
			kinds = append(kinds, kind(t.In(fixed).Elem()))
		}
	}
	calls := []string{}
	call := func(args []string) { calls = append(calls, strings.TrimSpace(name+" "+strings.Join(args, " "))) }
	call(base)
	call(nil)
	call(append(append([]string{}, base...), `"more"`))
	if len(base) > 0 {
		call(base[:len(base)-1])
	}
	for i, k := range kinds {
		values := append([]string{}, pools[k]...)
		if k != "any" {
			values = append(values, wrong...)
		}
		if random.MatchString(name) {
			values = wrong
			if k == "any" {
				values = nil
			}
		}
		if dateFunction.MatchString(name) && k == "any" {
			values = []string{"0", "86399", "(int64 1700000000)", `(toDate "2006-01-02" "2024-02-29")`}
		}
		if i > 1 && k == "any" {
			values = []string{`nil`, `5`, `"12"`, `.l`, `(list)`, `2.5`}
		}
		if strings.HasPrefix(name, "must") && len(values) > 12 {
			values = append(values[:4:4], `.l`, `.m`, `.words`, `nil`, `(list)`, `.n`)
		}
		for _, v := range values {
			args := append([]string{}, base...)
			args[i] = v
			call(args)
		}
	}
	return calls
}

func main() {
	functions := sprig.GenericFuncMap()
	for _, gone := range []string{"env", "expandenv", "getHostByName"} {
		delete(functions, gone)
	}
	functions["normalize"] = utils.SanitizeName
	functions["slugify"] = utils.SlugifyName
	functions["toYaml"] = func(v any) (string, error) { return "", nil }
	functions["fromYaml"] = func(s string) (map[string]any, error) { return nil, nil }
	functions["fromYamlArray"] = func(s string) ([]any, error) { return nil, nil }
	names := []string{}
	for name := range functions {
		names = append(names, name)
	}
	sort.Strings(names)

	seen := map[string]bool{}
	cases := []Case{}
	run := func(expression string) {
		show := "{{ $r := " + expression + " }}{{ typeOf $r }}|{{ $r }}|{{ toJson $r }}"
		if strings.HasPrefix(expression, "{{") {
			show = expression
		}
		if seen[show] {
			return
		}
		seen[show] = true
		c := Case{Template: expression}
		for i := 0; i < 3; i++ {
			out, err := (&utils.Render{}).Replace(show, data(), true, nil)
			if err != nil {
				c.Err = strings.TrimPrefix(err.Error(), "failed to execute go template "+show+": ")
				c.Out = ""
				break
			}
			if i > 0 && out != c.Out {
				c.Random = true
			}
			c.Out = out
		}
		if c.Err == "" && random.MatchString(show) || strings.Contains(show, "{{/* clock") {
			c.Random = true
		}
		if c.Random {
			c.Out = ""
		}
		cases = append(cases, c)
	}
	for _, name := range names {
		for _, expression := range table(name, functions[name]) {
			run(expression)
		}
	}
	extra, err := os.Open(os.Args[1])
	if err != nil {
		panic(err)
	}
	scanner := bufio.NewScanner(extra)
	for scanner.Scan() {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		run(line)
	}

	w := bufio.NewWriter(os.Stdout)
	defer w.Flush()
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	list, _ := json.Marshal(names)
	fmt.Fprintf(w, "{\"functions\":%s,\n\"data\":%s,\n\"cases\":[\n", list, strings.ReplaceAll(dataJSON, "\n", ""))
	for i, c := range cases {
		if i > 0 {
			w.WriteString(",")
		}
		encoder.Encode(c)
	}
	fmt.Fprintln(w, "]}")
	fmt.Fprintln(os.Stderr, len(names), "functions,", len(cases), "cases")
}
