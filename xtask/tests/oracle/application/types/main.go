// Prints the fields of Argo CD's type Application as the Rust tables of xtask/crates/gitops/src/application/types.rs.
// How to run it: ../README.md.
package main

import (
	"fmt"
	"reflect"
	"sort"
	"strings"

	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
)

var (
	done    = map[reflect.Type]bool{}
	structs = map[string]string{}
)

// constant returns the name of the table of a struct, as a Rust constant.
func constant(t reflect.Type) string {
	var out strings.Builder
	for i, c := range t.Name() {
		if i > 0 && c >= 'A' && c <= 'Z' && !(t.Name()[i-1] >= 'A' && t.Name()[i-1] <= 'Z') {
			out.WriteByte('_')
		}
		out.WriteRune(c)
	}
	return strings.ToUpper(out.String())
}

func kind(t reflect.Type) string {
	switch t.String() {
	case "v1.Time":
		return "Time"
	case "runtime.RawExtension":
		return "Raw"
	case "v1.FieldsV1":
		return "Raw"
	case "intstr.IntOrString":
		return "IntOrString"
	case "v1alpha1.ApplicationStatus":
		return "Status"
	}
	switch t.Kind() {
	case reflect.String:
		return "String"
	case reflect.Bool:
		return "Bool"
	case reflect.Int64, reflect.Int, reflect.Int32:
		return fmt.Sprintf("Int(%q)", t.Kind())
	case reflect.Pointer:
		return "Pointer(&" + kind(t.Elem()) + ")"
	case reflect.Slice:
		return "List(&" + kind(t.Elem()) + ", " + fmt.Sprintf("%q", t.String()) + ")"
	case reflect.Map:
		return "Map(&" + kind(t.Elem()) + ", " + fmt.Sprintf("%q", t.String()) + ")"
	case reflect.Struct:
		table(t)
		return "Nested(&" + constant(t) + ")"
	}
	panic("no rule for " + t.String())
}

func table(t reflect.Type) {
	if done[t] {
		return
	}
	done[t] = true
	var out strings.Builder
	fmt.Fprintf(&out, "pub static %s: Struct = Struct {\n    name: %q,\n    fields: &[\n", constant(t), t.String())
	fields(&out, t, "", "")
	out.WriteString("    ],\n};\n")
	structs[constant(t)] = out.String()
}

func fields(out *strings.Builder, t reflect.Type, within, suffix string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && name == "" {
			inner := f.Type
			if inner.Kind() == reflect.Pointer {
				inner, suffix = inner.Elem(), ".if_given()"
			}
			fields(out, inner, within+inner.Name()+".", suffix)
			continue
		}
		call := "always"
		if strings.Contains(options, "omitzero") || strings.Contains(options, "omitempty") {
			call = "optional"
		}
		// Its own MarshalJSON writes the name always.
		if t.Name() == "ApplicationSourcePluginParameter" && name == "name" {
			call = "always"
		}
		fmt.Fprintf(out, "        %s(%q, %s)", call, name, kind(f.Type))
		if within != "" {
			fmt.Fprintf(out, ".within(%q)", within)
		}
		if f.Type.Kind() == reflect.Struct && strings.Contains(options, "omitzero") {
			out.WriteString(".unless_zero()")
		}
		if strategy := f.Tag.Get("patchStrategy"); strategy != "" {
			fmt.Fprintf(out, ".patched(%q, %q)", strategy, f.Tag.Get("patchMergeKey"))
		}
		out.WriteString(suffix + ",\n")
	}
}

func main() {
	kind(reflect.TypeFor[v1alpha1.Application]())
	kind(reflect.TypeFor[v1alpha1.ApplicationSetTemplate]())
	fmt.Println("//! The fields of Argo CD's Application, written by xtask/tests/oracle/application/types from the types of Argo CD 3.5.3.")
	fmt.Println()
	fmt.Println("use super::schema::Kind::{Bool, Int, IntOrString, List, Map, Nested, Pointer, Raw, Status, String, Time};")
	fmt.Println("use super::schema::{Struct, always, optional};")
	names := []string{}
	for name := range structs {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Println()
		fmt.Print(structs[name])
	}
}
