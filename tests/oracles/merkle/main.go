// Computes roots and proofs with transparency-dev/merkle, and judges proofs, one JSON request a line: an opinion of our tree from outside.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"os"

	"github.com/transparency-dev/merkle/compact"
	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

type request struct {
	Leaves        []string // entries as text
	Size, First   uint64
	Index         uint64
	Inclusion     []string
	Consistency   []string
	Root, RootOne string
}

type answer struct {
	Root, RootOne string
	// Whether the proofs that came with the request hold.
	Inclusion, Consistency bool
	// The proofs as the library makes them.
	InclusionProof, ConsistencyProof []string
}

func bytesOf(hexes []string) [][]byte {
	out := make([][]byte, 0, len(hexes))
	for _, h := range hexes {
		b, _ := hex.DecodeString(h)
		out = append(out, b)
	}
	return out
}

func subtree(leaves []string, level uint, index uint64) []byte {
	if level == 0 {
		return rfc6962.DefaultHasher.HashLeaf([]byte(leaves[index]))
	}
	return rfc6962.DefaultHasher.HashChildren(subtree(leaves, level-1, index*2), subtree(leaves, level-1, index*2+1))
}

func prove(leaves []string, nodes proof.Nodes, err error) []string {
	out := []string{}
	if err != nil {
		return out
	}
	hashes := [][]byte{}
	for _, id := range nodes.IDs {
		hashes = append(hashes, subtree(leaves, id.Level, id.Index))
	}
	hashes, _ = nodes.Rehash(hashes, rfc6962.DefaultHasher.HashChildren)
	for _, h := range hashes {
		out = append(out, hex.EncodeToString(h))
	}
	return out
}

func rootOf(leaves []string) string {
	factory := compact.RangeFactory{Hash: rfc6962.DefaultHasher.HashChildren}
	r := factory.NewEmptyRange(0)
	for _, leaf := range leaves {
		_ = r.Append(rfc6962.DefaultHasher.HashLeaf([]byte(leaf)), nil)
	}
	root, _ := r.GetRootHash(nil)
	if root == nil {
		root = rfc6962.DefaultHasher.EmptyRoot()
	}
	return hex.EncodeToString(root)
}

func main() {
	in := bufio.NewScanner(os.Stdin)
	in.Buffer(make([]byte, 1<<20), 1<<26)
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	for in.Scan() {
		var q request
		if err := json.Unmarshal(in.Bytes(), &q); err != nil {
			panic(err)
		}
		root, _ := hex.DecodeString(q.Root)
		one, _ := hex.DecodeString(q.RootOne)
		var a answer
		a.Root, a.RootOne = rootOf(q.Leaves[:q.Size]), rootOf(q.Leaves[:q.First])
		leaf := rfc6962.DefaultHasher.HashLeaf([]byte(q.Leaves[q.Index]))
		a.Inclusion = proof.VerifyInclusion(rfc6962.DefaultHasher, q.Index, q.Size, leaf, bytesOf(q.Inclusion), root) == nil
		a.Consistency = proof.VerifyConsistency(rfc6962.DefaultHasher, q.First, q.Size, bytesOf(q.Consistency), one, root) == nil
		nodes, err := proof.Inclusion(q.Index, q.Size)
		a.InclusionProof = prove(q.Leaves, nodes, err)
		nodes, err = proof.Consistency(q.First, q.Size)
		a.ConsistencyProof = prove(q.Leaves, nodes, err)
		line, _ := json.Marshal(a)
		_, _ = out.Write(append(line, '\n'))
	}
}
