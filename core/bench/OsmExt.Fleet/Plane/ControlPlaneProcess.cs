using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using OsmExt.ControlPlane;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Roots;
using OsmExt.Fleet.Meshes;
using OsmExt.Fleet.Options;
using OsmExt.Fleet.Running;
using OsmExt.Identity;
using OsmExt.Sdk.Resources;
using OsmExt.Xds.Snapshots;

namespace OsmExt.Fleet.Plane;

/// <summary>The process that is measured: the control plane that <c>osm run</c> starts, but for its source of objects.</summary>
internal sealed class ControlPlaneProcess(FleetOptions options) : IAsyncDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);
    private readonly Workload _workload = Workload.Create(options);
    private readonly MemorySource _source = new();
    private readonly GcPauses _pauses = new();
    private readonly Lock _drawing = new();
    private IEnumerator<Step>? _steps;
    private AlongsideLoop? _alongside;
    private WebApplication? _host;

    private MeshPipeline Pipeline => _host!.Services.GetRequiredService<MeshPipeline>();

    public async Task<object> ObeyAsync(Order order) => order.Do switch
    {
        "start" => await StartAsync(order.Port, order.Count).ConfigureAwait(false),
        "step" => Next(),
        "alongside" => Alongside(order.Pace),
        "alone" => await AloneAsync().ConfigureAwait(false),
        "settle" => await SettleAsync(order).ConfigureAwait(false),
        "cost" => Cost(),
        "pauses" => _pauses.Milliseconds,
        "expected" => await Pipeline.AskAsync(state => Fresh().Digests(order.Pods), CancellationToken.None).ConfigureAwait(false),
        "holdings" => await Pipeline.AskAsync(state => Fresh().HoldingsOf(order.Pods[0]), CancellationToken.None).ConfigureAwait(false),
        _ => throw new ArgumentException(order.Do),
    };

    public async ValueTask DisposeAsync()
    {
        await AloneAsync().ConfigureAwait(false);
        if (_host is not null)
        {
            await _host.StopAsync().ConfigureAwait(false);
            await _host.DisposeAsync().ConfigureAwait(false);
        }

        _pauses.Dispose();
    }

    /// <param name="port">Where proxies connect; 0 for any.</param>
    /// <param name="history">How many steps have happened already.</param>
    private async Task<Started> StartAsync(int port, int history)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        _host = ControlPlaneHost.Create(
            control =>
            {
                control.CredentialPatience = TimeSpan.FromSeconds(options.Patience);
                (control.Config, control.StateDirectory) = (["none"], options.State);
                (control.XdsAddress, control.HttpAddress, control.DebugAddress) = (new(IPAddress.Loopback, port), any, any);
            },
            new(),
            builder =>
            {
                // Standard output is for answers.
                builder.Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
                builder.Services.Replace(ServiceDescriptor.Singleton<IResourceSource>(_source));
            });
        var objects = _workload.Start().Select(MeshDraft.Set).ToList();
        _steps = _workload.Steps().GetEnumerator();
        for (var step = 0; step < history; step++)
        {
            objects.AddRange(Advance().Changes);
        }

        _source.Say(objects);
        await _host.StartAsync().ConfigureAwait(false);
        while (Pipeline.State is null)
        {
            await Task.Delay(Glance, TimeProvider.System).ConfigureAwait(false);
        }

        var addresses = _host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses;
        return new(new Uri(addresses.First()).Port);
    }

    private Step Advance() => _steps!.MoveNext() ? _steps.Current : throw new InvalidOperationException("The workload has no more steps.");

    private Moment Next()
    {
        lock (_drawing)
        {
            return Say(Advance());
        }
    }

    private Moment Say(Step step) => step.Changes.Count > 0 ? _source.Say(step.Changes) : new(Stopwatch.GetTimestamp(), _source.Said);

    private Started Alongside(double pace)
    {
        _alongside = new(_workload.Alongside(), pace, step => Say(step), _drawing);
        return new(0);
    }

    private async Task<object> AloneAsync() => _alongside is { } loop ? await loop.StopAsync().ConfigureAwait(false) : 0;

    /// <summary>Waits until everything that was said, or was said up to some revision, is compiled, published, sent and answered.</summary>
    private async Task<Settled> SettleAsync(Order order)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(order.Seconds), TimeProvider.System);
        try
        {
            while (true)
            {
                // Revisions count what a source has said.
                var revision = order.Revision > 0 ? order.Revision : _source.Said;
                var (taken, isDone) = await Pipeline.AskAsync(state => (state.Snapshot.Revision, Pipeline.IsCompiled && AreRootsDone(state, order.Renewed)), patience.Token).ConfigureAwait(false);
                if (isDone && taken >= revision)
                {
                    // What was said meanwhile may have been published with it, as the later revision.
                    var converged = await _host!.Services.GetRequiredService<SnapshotCache>().WhenAcknowledgedAsync(taken, patience.Token).ConfigureAwait(false);
                    return new(true, Stopwatch.GetTimestamp(), converged.Streams);
                }

                await Task.Delay(Glance, TimeProvider.System, patience.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            return new(false, Stopwatch.GetTimestamp(), 0);
        }
    }

    // What only the xDS port waits for goes on beside everything else, for a minute and more.
    private bool AreRootsDone(MeshState state, bool renewed)
    {
        var (wanted, roots) = (state.Index.Mesh.Roots, _host!.Services.GetRequiredService<MeshRoots>().State);
        return wanted is null || (roots.Trusted == wanted.Trusted && roots.Signing == wanted.SigningAfter(roots.Signing)
            && (!renewed || _host.Services.GetRequiredService<RootRotation>().DueIn is null));
    }

    private static ServerCost Cost()
    {
        var cpu = Environment.CpuUsage;
        return new(cpu.TotalTime.TotalSeconds, cpu.PrivilegedTime.TotalSeconds, GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration().TotalSeconds,
            [GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2)], GC.GetGCMemoryInfo().HeapSizeBytes, Stopwatch.GetTimestamp());
    }

    private FreshTranslation Fresh() => new(_host!.Services, Pipeline.State!);
}

/// <summary>Where a server listens.</summary>
internal sealed record Started(int Port);

/// <summary>A timestamp.</summary>
/// <param name="At">When.</param>
/// <param name="Revision">How much had been said by then.</param>
internal sealed record Moment(long At, long Revision = 0);

/// <summary>Whether, when and for how many streams everything was answered.</summary>
internal sealed record Settled(bool IsSettled, long At, int Streams);

/// <summary>What a process has cost so far.</summary>
/// <param name="CpuSeconds">Processor time, of all threads, its own and the kernel's.</param>
/// <param name="KernelSeconds">The kernel's share.</param>
/// <param name="Allocated">Bytes of managed memory allocated.</param>
/// <param name="PauseSeconds">How long the garbage collector held it up, together.</param>
/// <param name="Collections">Collections of generations 0, 1 and 2.</param>
/// <param name="Heap">Bytes of managed heap after the last one.</param>
/// <param name="At">When that was so.</param>
internal sealed record ServerCost(double CpuSeconds, double KernelSeconds, long Allocated, double PauseSeconds, int[] Collections, long Heap, long At);
