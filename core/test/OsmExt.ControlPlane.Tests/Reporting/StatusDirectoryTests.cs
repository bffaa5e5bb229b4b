using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.ControlPlane.Reporting;
using OsmExt.Sdk.Resources;
using OsmExt.Sdk.Status;

namespace OsmExt.ControlPlane.Tests.Reporting;

/// <summary>Statuses in files.</summary>
public sealed class StatusDirectoryTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("osm-status-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public async Task What_is_written_is_read_again_and_what_is_gone_goes()
    {
        var (store, config) = (Status(new("TrafficTarget", "shop", "store")) with { Proxies = new(2, 1), Targets = [new("service shop/a", new(1, 1)), new("service shop/b", new(1, 0))] },
            Status(new("MeshConfig", "osm-system", "osm-mesh-config")) with { ObservedGeneration = null });
        await Sink().WriteAsync([store, config], [], default);

        Assert.Equal([config, store], (await Sink().ReadAsync(default)).OrderBy(status => status.Object));
        Assert.StartsWith("kind: TrafficTarget\nnamespace: shop\nname: store\nstatus:\n  conditions:\n  - type: Accepted\n    status: \"True\"\n",
            await File.ReadAllTextAsync(Path.Combine(_root, "shop", "TrafficTarget", "store.yaml")), StringComparison.Ordinal);

        await Sink().WriteAsync([], [store.Object], default);
        Assert.Equal([config], await Sink().ReadAsync(default));
    }

    [Theory]
    [InlineData("../../outside", "shop")]
    [InlineData("a/b", "shop")]
    [InlineData("a", "..")]
    [InlineData("a\0", "shop")]
    public async Task An_object_that_could_not_be_read_reaches_no_other_file(string name, string ns)
    {
        await Sink().WriteAsync([Status(new("Script", ns, name))], [new("Script", ns, name)], default);

        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(250, 2)]
    [InlineData(253, 1)]
    public async Task A_name_that_no_file_can_have_keeps_no_other_status_from_being_written(int length, int files)
    {
        await Sink().WriteAsync([Status(new("Script", "shop", new('a', length))), Status(new("Script", "shop", "b"))], [], default);

        Assert.Equal(files, Directory.EnumerateFiles(_root, "*.yaml", SearchOption.AllDirectories).Count());
    }

    [Theory]
    [InlineData("kind: [")]
    [InlineData("kind: Script\nnamespace: shop\nname: other\nstatus: {conditions: []}\n")]
    [InlineData("[]")]
    public async Task What_is_none_of_its_files_goes(string text)
    {
        Directory.CreateDirectory(Path.Combine(_root, "shop", "Script"));
        await File.WriteAllTextAsync(Path.Combine(_root, "shop", "Script", "a.yaml"), text);

        Assert.Empty(await Sink().ReadAsync(default));
        Assert.Empty(Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories));
    }

    private StatusDirectory Sink() => new(_root, NullLogger<StatusDirectory>.Instance);

    private static ObjectStatus Status(ResourceKey key) => new(key, 3,
    [
        new(ConditionTypes.Accepted, ConditionStatus.True, "Accepted", "") { LastTransition = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero) },
        new("limits/Strict", ConditionStatus.Unknown, "Unsure", "no: \"words\"") { LastTransition = new(2026, 11, 27, 12, 0, 1, TimeSpan.Zero) },
    ]);
}
