// Records the parameters that the generators of Argo CD make of ApplicationSets, with their Go kinds. Reads cases from standard
// input and writes them with `want` to standard output. To record again, with the go.mod and go.sum of xtask/tools/argocd
// beside a copy of this file: go run . < recorded.json > new.json
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	log "github.com/sirupsen/logrus"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
)

type Case struct {
	Name     string            `json:"name"`
	Set      json.RawMessage   `json:"set"`
	Files    map[string]string `json:"files,omitempty"`
	Clusters []corev1.Secret   `json:"clusters,omitempty"`
	Want     any               `json:"want"`
}

type repos struct{ dir string }

func (r repos) GetFiles(_ context.Context, _, _, _, pattern string, _ bool, _ *v1alpha1.SourceIntegrity) (map[string][]byte, error) {
	if pattern == "" {
		pattern = "."
	}
	out, err := run(r.dir, "git", "ls-files", "--full-name", "-z", "--", pattern)
	if err != nil {
		return nil, err
	}
	names := strings.Split(out, "\000")
	res := map[string][]byte{}
	for _, name := range names[:len(names)-1] {
		bytes, err := os.ReadFile(filepath.Join(r.dir, name))
		if err != nil {
			return nil, err
		}
		res[name] = bytes
	}
	return res, nil
}

func (r repos) GetDirectories(_ context.Context, _, _, _ string, _ bool, _ *v1alpha1.SourceIntegrity) ([]string, error) {
	var paths []string
	err := filepath.WalkDir(r.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if strings.HasPrefix(entry.Name(), ".") {
			return filepath.SkipDir
		}
		if relative, _ := filepath.Rel(r.dir, path); relative != "." {
			paths = append(paths, relative)
		}
		return nil
	})
	return paths, err
}

func run(dir string, args ...string) (string, error) {
	command := exec.Command(args[0], args[1:]...)
	command.Dir = dir
	out, err := command.Output()
	if exit, ok := err.(*exec.ExitError); ok {
		return "", fmt.Errorf("%s: %s", err, exit.Stderr)
	}
	return string(out), err
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Kinds that JSON would forget are wrapped: {"$strings": …}, {"$list": …}, {"$maps": …}.
func kinds(value any) any {
	switch v := value.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, item := range v {
			out[k] = kinds(item)
		}
		return out
	case []any:
		out := []any{}
		for _, item := range v {
			out = append(out, kinds(item))
		}
		return out
	case map[string]string:
		return map[string]any{"$strings": v}
	case []string:
		return map[string]any{"$list": v}
	case []map[string]any:
		out := []any{}
		for _, item := range v {
			out = append(out, kinds(item))
		}
		return map[string]any{"$maps": sorted(out)}
	}
	return value
}

func sorted(list []any) []any {
	key := func(i int) string { b, _ := json.Marshal(list[i]); return string(b) }
	sort.SliceStable(list, func(i, j int) bool { return key(i) < key(j) })
	return list
}

func guarded(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

func answer(c *Case) any {
	var set v1alpha1.ApplicationSet
	if err := json.Unmarshal(c.Set, &set); err != nil {
		return map[string]any{"invalid": err.Error()}
	}
	dir, err := os.MkdirTemp("", "oracle")
	must(err)
	defer os.RemoveAll(dir)
	_, err = run(dir, "git", "init", "-q")
	must(err)
	for name, text := range c.Files {
		path := filepath.Join(dir, name)
		must(os.MkdirAll(filepath.Dir(path), 0o755))
		must(os.WriteFile(path, []byte(text), 0o644))
	}
	_, err = run(dir, "git", "add", "-A", "-f")
	must(err)
	scheme := runtime.NewScheme()
	must(corev1.AddToScheme(scheme))
	must(v1alpha1.AddToScheme(scheme))
	objects := []client.Object{&v1alpha1.AppProject{ObjectMeta: metav1.ObjectMeta{Name: "default", Namespace: "argocd"}}}
	for i := range c.Clusters {
		objects = append(objects, &c.Clusters[i])
	}
	k8s := fake.NewClientBuilder().WithScheme(scheme).WithObjects(objects...).Build()
	git := repos{dir}
	list, clusters, files := generators.NewListGenerator(), generators.NewClusterGenerator(k8s, "argocd"), generators.NewGitGenerator(git, "argocd")
	terminal := func() map[string]generators.Generator {
		return map[string]generators.Generator{"List": list, "Clusters": clusters, "Git": files}
	}
	nested := terminal()
	nested["Matrix"], nested["Merge"] = generators.NewMatrixGenerator(terminal()), generators.NewMergeGenerator(terminal())
	top := terminal()
	top["Matrix"], top["Merge"] = generators.NewMatrixGenerator(nested), generators.NewMergeGenerator(nested)

	wants := []any{}
	for _, generator := range set.Spec.Generators {
		var results []generators.TransformResult
		err := guarded(func() (err error) {
			results, err = generators.Transform(*generator.DeepCopy(), top, set.Spec.Template, &set, map[string]any{}, k8s)
			return
		})
		if err != nil {
			wants = append(wants, map[string]any{"error": err.Error()})
			continue
		}
		out := []any{}
		for _, result := range results {
			params := []any{}
			for _, set := range result.Params {
				if set == nil {
					set = map[string]any{}
				}
				params = append(params, kinds(set))
			}
			out = append(out, map[string]any{"params": sorted(params)})
		}
		wants = append(wants, map[string]any{"results": out})
	}
	return map[string]any{"generators": wants}
}

func main() {
	log.SetOutput(io.Discard)
	var cases []Case
	must(json.NewDecoder(os.Stdin).Decode(&cases))
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	fmt.Println("[")
	for i := range cases {
		if i > 0 {
			fmt.Print(",")
		}
		cases[i].Want = answer(&cases[i])
		must(out.Encode(cases[i]))
	}
	fmt.Println("]")
}
