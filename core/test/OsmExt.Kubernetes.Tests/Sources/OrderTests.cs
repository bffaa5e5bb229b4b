using OsmExt.Kubernetes.Sources;
using OsmExt.Kubernetes.Tests.Manifests;
using OsmExt.Sdk.Diagnostics;
using OsmExt.Sdk.Resources;

namespace OsmExt.Kubernetes.Tests.Sources;

/// <summary>The same manifests mean the same in whatever order they are written, found or changed.</summary>
public sealed class OrderTests : IDisposable
{
    private static readonly string[] Samples =
    [
        "full-workloads.yaml", "bookstore/policies.yaml", "faults/routes-and-splits.yaml", "faults/traffic-target.yaml", "faults/endpoints.yaml",
    ];

    private readonly TempTree _tree = new();

    public void Dispose() => _tree.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_order_of_documents_does_not_matter(int seed)
    {
        var documents = Samples
            .SelectMany(name => Manifest.Sample(name).Split("\n---\n"))
            .ToArray();
        var expected = Manifest.Read(string.Join("\n---\n", documents));
        new Random(seed).Shuffle(documents);

        var shuffled = Manifest.Read(string.Join("\n---\n", documents));

        Assert.Equal(expected.Resources.OrderBy(resource => resource.Key), shuffled.Resources.OrderBy(resource => resource.Key));
        Assert.Equal(WithoutPlaces(expected.Diagnostics), WithoutPlaces(shuffled.Diagnostics));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_order_in_which_files_are_written_does_not_matter(int seed)
    {
        var files = Enumerable.Range(0, 20).Select(i => (name: $"{(char)('a' + (i % 4))}/{i}.yaml", text: Manifest.Service($"s{i / 3}", port: i + 1))).ToArray();
        var expected = Load(files);
        new Random(seed).Shuffle(files);

        Assert.Equal(expected, Load(files));
        Assert.Equal(7, expected.Changes.Count);
        Assert.Equal(13, expected.Diagnostics.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void However_files_came_to_be_what_they_are_only_what_they_are_counts(int seed)
    {
        var random = new Random(seed);
        using var watch = new VirtualWatch(_tree.Root);
        watch.Next();
        for (var i = 0; i < 200; i++)
        {
            Change(random);
            watch.TryNext(TimeSpan.FromMilliseconds(random.Next(3000)));
        }

        // In the end no file is broken, or what it said before would rightly count as well.
        _tree.Write("a.yaml", "");
        foreach (var file in Directory.GetFiles(_tree.Root))
        {
            _tree.Write(Path.GetFileName(file), Text(random));
        }

        while (watch.TryNext(TimeSpan.FromSeconds(10)) is not null)
        {
        }

        var expected = ResourceSnapshot.Empty.Apply(ManifestDirectory.Load(_tree.Root), out _);
        Assert.NotEmpty(expected.All<Service>());
        Assert.Equal(expected.All<Service>(), watch.Snapshot.All<Service>());
        Assert.Equal(expected.All<Service>().Select(service => expected.LocationOf(service.Key)), watch.Snapshot.All<Service>().Select(service => watch.Snapshot.LocationOf(service.Key)));
        Assert.Equal(expected.Diagnostics, watch.Snapshot.Diagnostics);
    }

    private void Change(Random random)
    {
        var name = $"{(char)('a' + random.Next(4))}.yaml";
        var text = Text(random);
        switch (random.Next(8))
        {
            case 0:
                File.Delete(_tree.At(name));
                break;
            case 1:
                _tree.Replace(name, text);
                break;
            case 2:
                _tree.Write(name, text[..random.Next(text.Length)]);
                break;
            case 3:
                _tree.Write(name, $"{text}---\n[");
                break;
            case 4 when File.Exists(_tree.At(name)):
                File.Move(_tree.At(name), _tree.At($"{(char)('a' + random.Next(4))}.yaml"), overwrite: true);
                break;
            case 5:
                Directory.Move(_tree.Root, _tree.Outside("away"));
                if (random.Next(2) == 0)
                {
                    Directory.CreateDirectory(_tree.Root);
                    Directory.Delete(_tree.Outside("away"), recursive: true);
                }
                else
                {
                    Directory.Move(_tree.Outside("away"), _tree.Root);
                }

                break;
            default:
                _tree.Write(name, text);
                break;
        }
    }

    private static string Text(Random random)
        => string.Join("---\n", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Manifest.Service($"s{random.Next(6)}", port: random.Next(1, 4))));

    private ResourceBatch Load((string Name, string Text)[] files)
    {
        Directory.Delete(_tree.Root, recursive: true);
        Directory.CreateDirectory(_tree.Root);
        foreach (var (name, text) in files)
        {
            _tree.Write(name, text);
        }

        return ManifestDirectory.Load(_tree.Root);
    }

    private static IEnumerable<Diagnostic> WithoutPlaces(IEnumerable<Diagnostic> diagnostics)
        => diagnostics.Select(found => found with { Location = null }).Order();
}
