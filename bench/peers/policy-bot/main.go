// Policy-bot's evaluator on the situations of bench/gate.ts, over an in-memory pull request. Reads the situations as JSON, and prints
// for each the answer and the nanoseconds of one evaluation.
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/palantir/policy-bot/policy"
	"github.com/palantir/policy-bot/pull"
	"github.com/palantir/policy-bot/pull/pulltest"
	"gopkg.in/yaml.v2"
)

type situation struct {
	Name    string `json:"name"`
	Reviews []struct {
		By    string    `json:"by"`
		State string    `json:"state"`
		At    time.Time `json:"at"`
	} `json:"reviews"`
	Author string              `json:"author"`
	Head   string              `json:"head"`
	Paths  []string            `json:"paths"`
	Checks map[string]string   `json:"checks"`
	Teams  map[string][]string `json:"teams"`
}

type order struct {
	Policy     string      `json:"policy"`
	MeasuredMs int         `json:"measuredMs"`
	Situations []situation `json:"situations"`
}

type found struct {
	Name   string  `json:"name"`
	Answer string  `json:"answer"`
	Ns     float64 `json:"ns"`
}

func main() {
	var asked order
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	var config policy.Config
	must(yaml.UnmarshalStrict([]byte(asked.Policy), &config))
	evaluator, err := policy.ParsePolicy(&config, nil)
	must(err)

	var all []found
	for _, each := range asked.Situations {
		pr := each.context()
		result := evaluator.Evaluate(context.Background(), pr)
		must(result.Error)
		count := 0
		var taken time.Duration
		for start := time.Now(); taken < time.Duration(asked.MeasuredMs)*time.Millisecond; taken = time.Since(start) {
			for range 100 {
				evaluator.Evaluate(context.Background(), pr)
			}
			count += 100
		}
		all = append(all, found{each.Name, result.Status.String(), float64(taken.Nanoseconds()) / float64(count)})
	}
	must(json.NewEncoder(os.Stdout).Encode(all))
}

func (s situation) context() *pulltest.Context {
	pr := &pulltest.Context{
		OwnerValue:          "acme",
		RepoValue:           "deploy",
		AuthorValue:         s.Author,
		StateValue:          "open",
		HeadSHAValue:        s.Head,
		BranchBaseName:      "main",
		BranchHeadName:      "bump",
		BodyValue:           &pull.Body{Author: s.Author},
		CommitsValue:        []*pull.Commit{{SHA: s.Head, Author: s.Author, Committer: s.Author}},
		TeamMemberships:     map[string][]string{},
		LatestStatusesValue: s.Checks,
	}
	for _, path := range s.Paths {
		pr.ChangedFilesValue = append(pr.ChangedFilesValue, &pull.File{Filename: path, Status: pull.FileModified})
	}
	for _, review := range s.Reviews {
		pr.ReviewsValue = append(pr.ReviewsValue, &pull.Review{
			CreatedAt: review.At, Author: review.By, State: pull.ReviewState(review.State), SHA: s.Head,
		})
	}
	for team, members := range s.Teams {
		for _, member := range members {
			pr.TeamMemberships[member] = append(pr.TeamMemberships[member], team)
		}
	}
	return pr
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
