using System.Runtime.InteropServices;
using OsmExt.Demo.Mesh;
using OsmExt.Demo.Traffic;

namespace OsmExt.Demo;

/// <summary>Brings the mesh up, does something with it and takes it down, whatever happens in between.</summary>
internal static class DemoRun
{
    public const int Ok = 0;
    public const int Failed = 1;

    /// <summary>As osm's own: something is missing on this machine.</summary>
    public const int Missing = 3;

    private const int Interrupted = 130;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);

    public static async Task<int> StartAsync(DemoOptions options, Func<RunningMesh, CancellationToken, Task<int>> play, CancellationToken cancellation)
    {
        if (Unbuilt(options) is { } missing)
        {
            return await SayAsync($"{missing} is missing. Run this by make demo, which builds what it needs.", Missing);
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, signal =>
        {
            signal.Cancel = true;
            ending.Cancel();
        });
        try
        {
            return await RunAsync(options, play, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return Interrupted;
        }
        catch (Exception failure) when (failure is IOException or InvalidOperationException or HttpRequestException or TimeoutException)
        {
            return await SayAsync(failure.Message, Failed);
        }
    }

    private static async Task<int> RunAsync(DemoOptions options, Func<RunningMesh, CancellationToken, Task<int>> play, CancellationToken cancellation)
    {
        Directory.CreateDirectory(options.Work);
        using var held = Hold(options);
        await MeshProcess.CleanAsync(options, cancellation);

        var files = new MeshFiles(options);
        files.Reset();
        await using var mesh = MeshProcess.Start(options);
        using var together = CancellationTokenSource.CreateLinkedTokenSource(cancellation, mesh.Ended);
        try
        {
            return await PlayAsync(options, files, play, together.Token);
        }
        catch (OperationCanceledException) when (mesh.Ended.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync(string.Join('\n', await mesh.SaidAsync()));
            return mesh.ExitCode == Missing ? Missing : await SayAsync($"The mesh ended by itself, with exit code {mesh.ExitCode}.", Failed);
        }
    }

    private static async Task<int> PlayAsync(
        DemoOptions options, MeshFiles files, Func<RunningMesh, CancellationToken, Task<int>> play, CancellationToken cancellation)
    {
        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var traffic = new TrafficLog(options.Logs);
        var follow = traffic.FollowAsync(following.Token);
        try
        {
            Console.WriteLine("Starting pods, sidecars and the control plane");
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(Patience);
            var status = await StartedAsync(options, patience.Token);
            Console.WriteLine(status.Why);
            using var controlPlane = new ControlPlane(options.Name, status);
            var proxies = await ConfiguredAsync(status, controlPlane, patience.Token);
            return await play(new(options, status, files, controlPlane, traffic, proxies), cancellation);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"The mesh was not configured after {Patience.TotalSeconds} s; its logs are in {options.Logs}.");
        }
        finally
        {
            await following.CancelAsync();
            await follow.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Console.WriteLine("Taking the mesh down");
        }
    }

    private static async Task<MeshStatus> StartedAsync(DemoOptions options, CancellationToken cancellation)
    {
        while (true)
        {
            if (await MeshStatus.ReadAsync(options, cancellation) is { } status)
            {
                return status;
            }

            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    private static async Task<IReadOnlyList<Proxy>> ConfiguredAsync(MeshStatus status, ControlPlane controlPlane, CancellationToken cancellation)
    {
        while (true)
        {
            if (await controlPlane.TryProxiesAsync(cancellation) is var proxies && proxies.Count == status.Sidecars && proxies.All(proxy => proxy.InSync))
            {
                return proxies;
            }

            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    private static string? Unbuilt(DemoOptions options)
        => !File.Exists(options.Osm) ? options.Osm : new[] { options.Images, options.Original, options.Steps }.FirstOrDefault(directory => !Directory.Exists(directory));

    // One demo at a time owns a mesh's name: the next one would take it down as a leftover.
    private static FileStream Hold(DemoOptions options)
    {
        // Meshes of root's are the machine's, those of others are their own.
        var locks = Environment.IsPrivilegedProcess ? "/var/lib/osmext/demo" : Path.Join(Path.GetTempPath(), $"osmext-demo-{Environment.UserName}");
        Directory.CreateDirectory(locks);
        try
        {
            return new(Path.Join(locks, $"{options.Name}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new InvalidOperationException($"A demo named '{options.Name}' is running already; end it, or choose another name with --name.", e);
        }
    }

    private static async Task<int> SayAsync(string problem, int exitCode)
    {
        await Console.Error.WriteLineAsync($"osm-demo: {problem}");
        return exitCode;
    }
}
