using OsmExt.Kubernetes.Manifests;

namespace OsmExt.Kubernetes.Tests.Manifests;

public sealed class ManifestFuzzTests
{
    private const string Alphabet = "abz019 \t\n\r:-{}[]\"',#&*!|>%@`?~<=.\\/\0\u0007é\uFEFF\ud83d";

    private static readonly string[] Samples =
    [
        Manifest.Sample("full-pod.yaml"), Manifest.Sample("full-workloads.yaml"), Manifest.Sample("bookstore/policies.yaml"),
        Manifest.Sample("bookstore/mesh.json"), Manifest.Sample("bookstore/bookstore.yaml"),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Mutated_manifests_never_throw_and_never_lose_the_documents_around_them(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < 150; i++)
        {
            var broken = Mutate(Samples[random.Next(Samples.Length)], random);
            var text = $"{Manifest.Service("before")}---\n{broken}\n---\n{Manifest.Service("after")}";

            var file = ManifestReader.Read(text, "in.yaml");

            Assert.Equal("before", file.Objects[0].Key.Name);
            Assert.NotNull(file.Objects[0].Resource);
            Assert.Equal("after", file.Objects[^1].Key.Name);
            Assert.NotNull(file.Objects[^1].Resource);
        }
    }

    [Fact]
    public void A_manifest_cut_off_anywhere_keeps_the_documents_before_the_cut()
    {
        var text = Manifest.Sample("bookstore/policies.yaml");
        var whole = ManifestReader.Read(text, "in.yaml");
        for (var length = 0; length < text.Length; length += 3)
        {
            var cut = ManifestReader.Read(text[..length], "in.yaml");

            // The next document's line of dashes tells that one is whole.
            var complete = text[..length].Split("\n---").Length - 1;
            Assert.Equal(whole.Objects.Take(complete), cut.Objects.Take(complete));
        }
    }

    private static string Mutate(string text, Random random)
    {
        var letters = text.ToList();
        for (var count = random.Next(1, 8); count > 0 && letters.Count > 1; count--)
        {
            var at = random.Next(letters.Count);
            switch (random.Next(6))
            {
                case 0:
                    letters[at] = Alphabet[random.Next(Alphabet.Length)];
                    break;
                case 1:
                    letters.RemoveAt(at);
                    break;
                case 2:
                    letters.Insert(at, Alphabet[random.Next(Alphabet.Length)]);
                    break;
                case 3:
                    letters.RemoveRange(at, Math.Min(random.Next(1, 200), letters.Count - at));
                    break;
                case 4:
                    letters.InsertRange(at, letters.Skip(random.Next(letters.Count)).Take(random.Next(1, 200)).ToList());
                    break;
                default:
                    letters.RemoveRange(at, letters.Count - at);
                    break;
            }
        }

        return new([.. letters]);
    }
}
