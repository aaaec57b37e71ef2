// Records what Argo CD's controller makes of templates: one JSON object a line, for xtask/crates/gitops/src/application/tests.rs.
// How to run it: ../README.md.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	log "github.com/sirupsen/logrus"
	"sigs.k8s.io/yaml"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	"github.com/argoproj/argo-cd/v3/applicationset/controllers/template"
	"github.com/argoproj/argo-cd/v3/applicationset/generators"
	"github.com/argoproj/argo-cd/v3/applicationset/utils"
	"github.com/argoproj/argo-cd/v3/pkg/apis/application/v1alpha1"
	"github.com/argoproj/argo-cd/v3/util/argo"
)

type recorded struct {
	Set         json.RawMessage `json:"set"`
	Own         json.RawMessage `json:"own,omitempty"`
	Params      map[string]any  `json:"params"`
	Application any             `json:"application,omitempty"`
	Error       string          `json:"error,omitempty"`
}

func main() {
	log.SetOutput(io.Discard)
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	for _, document := range strings.Split(string(text), "\n---\n") {
		body, err := yaml.YAMLToJSON([]byte(document))
		if err != nil {
			panic(fmt.Errorf("%w in\n%s", err, document))
		}
		if err := out.Encode(record(body)); err != nil {
			panic(err)
		}
	}
}

// record reads a case: `params`, `own` (the generator's template) and `set`, an ApplicationSet without its generators.
func record(body []byte) recorded {
	var result recorded
	if err := json.Unmarshal(body, &result); err != nil {
		panic(err)
	}
	var set v1alpha1.ApplicationSet
	if err := json.Unmarshal(result.Set, &set); err != nil {
		result.Error = err.Error()
		return result
	}
	element, err := json.Marshal(result.Params)
	if err != nil {
		panic(err)
	}
	list := &v1alpha1.ListGenerator{Elements: []apiextensionsv1.JSON{{Raw: element}}}
	if result.Own != nil {
		if err := json.Unmarshal(result.Own, &list.Template); err != nil {
			panic(err)
		}
	}
	set.Spec.Generators = []v1alpha1.ApplicationSetGenerator{{List: list}}
	all := map[string]generators.Generator{"List": generators.NewListGenerator()}
	apps, _, err := template.GenerateApplications(log.NewEntry(log.StandardLogger()), set, all, &utils.Render{}, nil)
	if err != nil {
		result.Error = err.Error()
		return result
	}
	if len(apps) != 1 {
		panic(fmt.Sprint("not one Application: ", len(apps)))
	}
	// What createOrUpdateInCluster copies.
	app := apps[0]
	metadata := map[string]any{}
	for key, value := range map[string]string{"name": app.Name, "namespace": app.Namespace} {
		if value != "" {
			metadata[key] = value
		}
	}
	if len(app.Labels) > 0 {
		metadata["labels"] = app.Labels
	}
	if len(app.Annotations) > 0 {
		metadata["annotations"] = app.Annotations
	}
	if len(app.Finalizers) > 0 {
		metadata["finalizers"] = app.Finalizers
	}
	whole := map[string]any{
		"apiVersion": "argoproj.io/v1alpha1", "kind": "Application", "metadata": metadata, "spec": argo.NormalizeApplicationSpec(&app.Spec),
	}
	if app.Operation != nil {
		whole["operation"] = app.Operation
	}
	result.Application = whole
	return result
}
