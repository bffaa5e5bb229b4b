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
        // Without root nothing can be left behind either, and osm says what is needed.
        using var held = Environment.IsPrivilegedProcess ? Hold(options) : null;
        if (held is not null)
        {
            await MeshProcess.CleanAsync(options, cancellation);
        }

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
        using var controlPlane = new ControlPlane(options.Name);
        using var following = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var traffic = new TrafficLog(options.Logs);
        var follow = traffic.FollowAsync(following.Token);
        try
        {
            Console.WriteLine("Starting pods, Envoys and the control plane");
            var (status, proxies) = await ConfiguredAsync(options, controlPlane, cancellation).WaitAsync(Patience, TimeProvider.System, cancellation);
            return await play(new(options, status, files, controlPlane, traffic, proxies), cancellation);
        }
        finally
        {
            await following.CancelAsync();
            await follow.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            Console.WriteLine("Taking the mesh down");
        }
    }

    private static async Task<(MeshStatus Status, IReadOnlyList<Proxy> Proxies)> ConfiguredAsync(
        DemoOptions options, ControlPlane controlPlane, CancellationToken cancellation)
    {
        MeshStatus? status = null;
        while (true)
        {
            status ??= await MeshStatus.ReadAsync(options, cancellation);
            if (status is not null
                && await controlPlane.TryProxiesAsync(cancellation) is var proxies
                && proxies.Count == status.Sidecars
                && proxies.All(proxy => proxy.InSync))
            {
                return (status, proxies);
            }

            await Task.Delay(Look, TimeProvider.System, cancellation);
        }
    }

    private static string? Unbuilt(DemoOptions options)
        => !File.Exists(options.Osm) ? options.Osm : new[] { options.Images, options.Original, options.Steps }.FirstOrDefault(directory => !Directory.Exists(directory));

    // One demo at a time owns a mesh's name: the next one would take it down as a leftover.
    private static FileStream Hold(DemoOptions options)
    {
        const string Locks = "/var/lib/osmext/demo";
        Directory.CreateDirectory(Locks);
        try
        {
            return new(Path.Join(Locks, $"{options.Name}.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
