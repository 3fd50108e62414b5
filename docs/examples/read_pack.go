// Prints the access token of one account, from its pack or from its own secret. Requires the AWS SDK for Go v2.
// EVERTOKEN_INDEX_TABLE=TABLE go run read_pack.go my-shop
package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	secrets "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

type account struct {
	AccessToken string `json:"access_token"`
}

type reader struct {
	index   *dynamodb.Client
	secrets *secretsmanager.Client
	table   string
	prefix  string
}

func main() {
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		log.Fatal(err)
	}
	prefix := os.Getenv("EVERTOKEN_VAULT_PREFIX")
	if prefix == "" {
		prefix = "evertoken"
	}
	r := reader{
		index:   dynamodb.NewFromConfig(settings),
		secrets: secretsmanager.NewFromConfig(settings),
		table:   os.Getenv("EVERTOKEN_INDEX_TABLE"),
		prefix:  prefix,
	}
	token, err := r.token(ctx, os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token)
}

func (r reader) token(ctx context.Context, name string) (string, error) {
	// If the account moves to another secret in between, the next attempt finds it there.
	for attempt := 0; attempt < 3; attempt++ {
		place, err := r.item(ctx, "A#"+name)
		if err != nil {
			return "", err
		}
		pack, isPlaced := place["pack"].(*types.AttributeValueMemberS)
		if _, isRemoved := place["removed_until"]; !isPlaced || isRemoved {
			break
		}
		state, err := r.item(ctx, "P#"+pack.Value)
		if err != nil {
			return "", err
		}
		generation, ok := state["generation"].(*types.AttributeValueMemberN)
		if !ok {
			return "", fmt.Errorf("the index does not know the pack %s", pack.Value)
		}
		if hasLeft(state, name) {
			break
		}
		secret, err := r.secret(ctx, "packs/"+pack.Value+"/"+generation.Value)
		var notFound *secrets.ResourceNotFoundException
		if errors.As(err, &notFound) {
			continue
		}
		if err != nil {
			return "", err
		}
		text, err := gzip.NewReader(bytes.NewReader(secret.SecretBinary))
		if err != nil {
			return "", err
		}
		var content struct{ Accounts map[string]account }
		if err := json.NewDecoder(text).Decode(&content); err != nil {
			return "", err
		}
		if found, ok := content.Accounts[name]; ok {
			return found.AccessToken, nil
		}
	}
	secret, err := r.secret(ctx, "accounts/"+name)
	if err != nil {
		return "", err
	}
	var single account
	err = json.Unmarshal([]byte(aws.ToString(secret.SecretString)), &single)
	return single.AccessToken, err
}

func hasLeft(state map[string]types.AttributeValue, name string) bool {
	departures, ok := state["departures"].(*types.AttributeValueMemberSS)
	if !ok {
		return false
	}
	for _, departure := range departures.Value {
		if strings.HasPrefix(departure, name+":") {
			return true
		}
	}
	return false
}

func (r reader) item(ctx context.Context, key string) (map[string]types.AttributeValue, error) {
	read, err := r.index.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &r.table,
		Key:       map[string]types.AttributeValue{"key": &types.AttributeValueMemberS{Value: key}},
	})
	if err != nil {
		return nil, err
	}
	return read.Item, nil
}

func (r reader) secret(ctx context.Context, name string) (*secretsmanager.GetSecretValueOutput, error) {
	return r.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(r.prefix + "/" + name)})
}
