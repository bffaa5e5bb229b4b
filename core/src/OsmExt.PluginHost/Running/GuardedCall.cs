using OsmExt.PluginHost.Services;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Running;

/// <summary>
/// Calls a plugin's code on a thread of its own, so that one that hangs costs the mesh a moment once. What it allocates is counted
/// when it is done: .NET cannot stop it before.
/// </summary>
internal static class GuardedCall
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(2);
    private const long MaxAllocated = 256L * 1024 * 1024;

    /// <summary>What the plugin contributes, or why not.</summary>
    public static CallResult<PluginOutput> Run(IPlugin plugin, Func<CancellationToken, PluginInput> input, TimeProvider time)
        => Run(token => plugin.Contribute(input(token)), time);

    /// <summary>What the plugin answers, or why not.</summary>
    public static CallResult<T> Run<T>(Func<CancellationToken, T?> ask, TimeProvider time)
        where T : class
    {
        using var deadline = new CancellationTokenSource(Deadline, time);
        var (output, failure, allocated) = ((T?)null, (string?)null, 0L);
        var token = deadline.Token;
        var thread = new Thread(() =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                output = ask(token);
            }
            catch (Exception exception)
            {
                // Only words are kept: an exception of the plugin's own type would keep its assembly in memory.
                failure = Words.Of(exception);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        })
        {
            IsBackground = true, Name = "plugin",
        };
        thread.Start();
        if (!thread.Join(Deadline))
        {
            return new(null, $"it took longer than {Deadline.TotalSeconds} s", Hung: true);
        }

        CallResult<T> result = (failure, output) switch
        {
            ({ } words, _) => new(null, $"it threw {words.TrimEnd('.')}"),
            _ when allocated > MaxAllocated => new(null, $"it allocated {allocated / 1024 / 1024} MB, more than {MaxAllocated / 1024 / 1024} MB"),
            (_, null) => new(null, "it answered null"),
            _ => new(output, null),
        };
        return result with { Allocated = allocated };
    }
}

/// <summary>What a call gave.</summary>
internal sealed record CallResult<T>(T? Output, string? Failure, bool Hung = false)
    where T : class
{
    /// <summary>Bytes that were allocated meanwhile.</summary>
    public long Allocated { get; init; }
}
