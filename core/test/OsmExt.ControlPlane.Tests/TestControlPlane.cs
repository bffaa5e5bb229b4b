using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Time.Testing;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Snapshots;

namespace OsmExt.ControlPlane.Tests;

/// <summary>A control plane that is put together but not started: the test turns its loop by hand, in virtual time.</summary>
internal sealed class TestControlPlane : IAsyncDisposable
{
    private readonly string _state = Directory.CreateTempSubdirectory("osm-").FullName;
    private readonly WebApplication _host;

    public TestControlPlane()
    {
        _host = ControlPlaneHost.Create(
            options => (options.StateDirectory, options.Config) = (_state, ["unused"]),
            new CompilerOptions(),
            builder => builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Time)));
    }

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));

    public MeshPipeline Pipeline => Get<MeshPipeline>();

    public SnapshotCache Cache => Get<SnapshotCache>();

    public T Get<T>()
        where T : notnull
        => _host.Services.GetRequiredService<T>();

    /// <summary>Hands changes to the store and lets the hold-off pass.</summary>
    public void Apply(params IEnumerable<ResourceChange> changes)
    {
        Get<ResourceStore>().Apply(new([.. changes], [], true, Time.GetTimestamp()));
        Pipeline.Turn();
        Time.Advance(TimeSpan.FromMilliseconds(600));
        Pipeline.Turn();
    }

    /// <summary>Runs on the loop.</summary>
    public T Ask<T>(Func<MeshState, T> question)
    {
        var answer = Pipeline.AskAsync(question, CancellationToken.None);
        Pipeline.Turn();
        return answer.GetAwaiter().GetResult();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        Directory.Delete(_state, recursive: true);
    }
}
