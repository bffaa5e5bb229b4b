using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace OsmExt.LocalRuntime.Processes;

/// <summary>What a tool that ran to its end left behind.</summary>
internal sealed record CommandResult(int ExitCode, string Output, string Error);

/// <summary>Runs the machine's tools, each to its end, with bounded patience.</summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Runs a tool that must succeed, and returns what it printed.</summary>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, string? input, CancellationToken cancellation)
    {
        var result = await TryRunAsync(file, arguments, input, Patience, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0
            ? result.Output
            : throw new IOException($"{Path.GetFileName(file)} {string.Join(' ', arguments)} failed with {result.ExitCode}: {FirstLine(result)}");
    }

    /// <summary>
    /// Runs a tool that may fail. A tool that is missing, or is not done in time, has exit code -1 and the reason in
    /// <see cref="CommandResult.Error"/>.
    /// </summary>
    public static async Task<CommandResult> TryRunAsync(
        string file, IEnumerable<string> arguments, string? input, TimeSpan patience, CancellationToken cancellation)
    {
        using var process = new Process { StartInfo = StartInfo(file, arguments) };
        try
        {
            process.Start();
        }
        catch (Win32Exception e)
        {
            return new(-1, "", e.Message);
        }

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await FeedAsync(process, input, deadline.Token).ConfigureAwait(false);
            var text = await output.ConfigureAwait(false);
            var complaint = await error.ConfigureAwait(false);
            await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
            return new(process.ExitCode, text, complaint.Trim());
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellation.ThrowIfCancellationRequested();
            return new(-1, "", $"not done after {patience.TotalSeconds:0} s");
        }
    }

    /// <summary>Where a program is, by the directories of a PATH; null when none has it.</summary>
    public static string? Find(string name, string? searchPath) => (searchPath ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Where(Path.IsPathRooted)
        .Select(directory => ProgramAt(Path.Join(directory, name)))
        .FirstOrDefault(IsExecutable);

    /// <summary>The file of a program, which on one system has an ending that nobody writes.</summary>
    public static string ProgramAt(string path) => OperatingSystem.IsWindows() && !Path.HasExtension(path) ? $"{path}.exe" : path;

    public static bool IsExecutable(string path)
        => File.Exists(path)
            && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    private static async Task FeedAsync(Process process, string? input, CancellationToken cancellation)
    {
        try
        {
            await process.StandardInput.WriteAsync((input ?? "").AsMemory(), cancellation).ConfigureAwait(false);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // The tool ended without reading everything; its exit code and its complaint say why.
        }
    }

    private static ProcessStartInfo StartInfo(string file, IEnumerable<string> arguments) => new(file, arguments)
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        StandardOutputEncoding = Encoding.UTF8,
        StandardErrorEncoding = Encoding.UTF8,
    };

    private static string FirstLine(CommandResult result)
        => (result.Error.Length > 0 ? result.Error : result.Output.Trim()).Split('\n')[0];
}
