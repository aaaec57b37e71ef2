// Records what Go's text/template does with a list of cases: see README.md.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"text/template"
	"unicode"
)

// A Case is a template with an option; Output or Error is what Go gives.
type Case struct {
	Template string  `json:"template"`
	Option   string  `json:"option,omitempty"`
	Output   *string `json:"output,omitempty"`
	Error    *string `json:"error,omitempty"`
}

// typed turns {"$int64": "5"} and the like into values that JSON has no words for.
func typed(v any) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = typed(item)
		}
		return out
	case map[string]any:
		for key, inner := range v {
			if strings.HasPrefix(key, "$") {
				return special(key, inner)
			}
		}
		out := map[string]any{}
		for key, item := range v {
			out[key] = typed(item)
		}
		return out
	}
	return v
}

func special(kind string, inner any) any {
	number := func() float64 { return inner.(float64) }
	switch kind {
	case "$int":
		return int(number())
	case "$int64":
		return int64(number())
	case "$int32":
		return int32(number())
	case "$uint8":
		return uint8(number())
	case "$uint64":
		return uint64(number())
	case "$float32":
		return float32(number())
	case "$strings":
		out := []string{}
		for _, item := range inner.([]any) {
			out = append(out, item.(string))
		}
		return out
	case "$ints":
		out := []int{}
		for _, item := range inner.([]any) {
			out = append(out, int(item.(float64)))
		}
		return out
	case "$labels":
		out := map[string]string{}
		for key, item := range inner.(map[string]any) {
			out[key] = item.(string)
		}
		return out
	case "$bytes":
		return []byte(inner.(string))
	case "$nillist":
		return []any(nil)
	case "$nilmap":
		return map[string]any(nil)
	}
	panic(kind)
}

func run(c *Case, data any) {
	text := func(s string) *string { return &s }
	t := template.New("base")
	if c.Option != "" {
		t = t.Option(c.Option)
	}
	t, err := t.Parse(c.Template)
	if err == nil {
		var out bytes.Buffer
		if err = t.Execute(&out, data); err == nil {
			c.Output = text(out.String())
			return
		}
	}
	c.Error = text(err.Error())
}

func table(name, doc string, in func(rune) bool) {
	fmt.Printf("\n/// %s\n#[rustfmt::skip]\nstatic %s: &[(u32, u32)] = &[\n", doc, name)
	line := "   "
	for c := rune(0x80); c <= unicode.MaxRune; c++ {
		if !in(c) {
			continue
		}
		first := c
		for in(c + 1) {
			c++
		}
		run := fmt.Sprintf(" (0x%x, 0x%x),", first, c)
		if len(line)+len(run) > 140 {
			fmt.Println(line)
			line = "   "
		}
		line += run
	}
	fmt.Printf("%s\n];\n", line)
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == "tables" {
		table("PRINTABLE", "`strconv.IsPrint` above ASCII, first and last of each run.", strconv.IsPrint)
		table("LETTERS_AND_DIGITS", "`unicode.IsLetter` or `unicode.IsDigit` above ASCII.", func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) })
		return
	}
	var raw any
	if err := json.Unmarshal([]byte(data), &raw); err != nil {
		panic(err)
	}
	seen := map[Case]bool{}
	out := &bytes.Buffer{}
	fmt.Fprintf(out, "{\"data\": %s,\n\"cases\": [\n", strings.TrimSpace(data))
	for _, c := range cases() {
		if seen[c] {
			continue
		}
		if len(seen) > 0 {
			out.WriteString(",\n")
		}
		seen[c] = true
		run(&c, typed(raw))
		var line bytes.Buffer
		encoder := json.NewEncoder(&line)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(c); err != nil {
			panic(err)
		}
		out.WriteString(strings.TrimSpace(line.String()))
	}
	out.WriteString("\n]}\n")
	os.Stdout.Write(out.Bytes())
}
