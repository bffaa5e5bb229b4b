using System.Diagnostics;
using System.Text.Json;

namespace OsmExt.Fleet.Running;

/// <summary>Another process of this program that takes orders.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _errors;
    private readonly SemaphoreSlim _one = new(1, 1);

    private ChildProcess(Process process, string log)
    {
        _process = process;
        _errors = CopyAsync(process.StandardError, log);
    }

    public int Id => _process.Id;

    /// <param name="words">What the process is to be, and its options.</param>
    /// <param name="log">The file its standard error goes to.</param>
    /// <param name="isMeasured">Whether it is what is measured, and runs with the settings of the program <c>osm</c>.</param>
    public static ChildProcess Start(IEnumerable<string> words, string log, bool isMeasured)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(ChildProcess).Assembly.Location, .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        if (!isMeasured)
        {
            start.Environment["DOTNET_gcServer"] = "0";
        }

        return new(Process.Start(start)!, log);
    }

    /// <exception cref="InvalidOperationException">The process has ended.</exception>
    public async Task<T> AskAsync<T>(Order order)
    {
        await _one.WaitAsync().ConfigureAwait(false);
        try
        {
            await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(order)).ConfigureAwait(false);
            await _process.StandardInput.FlushAsync().ConfigureAwait(false);
            var answer = await _process.StandardOutput.ReadLineAsync().ConfigureAwait(false);
            return JsonSerializer.Deserialize<T>(answer ?? throw new InvalidOperationException($"Process {Id} ended instead of answering \"{order.Do}\"."))!;
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Ends it at once, as <c>kill -9</c> does.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().ConfigureAwait(false);
        await _errors.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(15), TimeProvider.System);
            await _process.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
            {
                _process.Kill();
            }
        }

        await _errors.ConfigureAwait(false);
        _process.Dispose();
        _one.Dispose();
    }

    private static async Task CopyAsync(StreamReader from, string log)
    {
        await using var to = new FileStream(log, FileMode.Append, FileAccess.Write);
        await from.BaseStream.CopyToAsync(to).ConfigureAwait(false);
    }
}
