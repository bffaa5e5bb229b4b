using System.Diagnostics;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Tests.Shared;

namespace OsmExt.ControlPlane.Tests.Crashes;

/// <summary>
/// A program that writes all a control plane keeps is killed at each of its calls that change a disk, and what it leaves is read
/// and written again as after a restart. strace kills it: the call does not happen, and nothing after it.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private const string Calls = "rename,renameat,renameat2,link,unlink,unlinkat,rmdir,mkdir,mkdirat,fsync,fdatasync,openat";
    private readonly string _root = Directory.CreateTempSubdirectory("osm-crash-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [StraceFact]
    public async Task Whenever_it_is_killed_all_there_is_is_whole_and_the_next_one_goes_on()
    {
        var calls = await CallsAsync(FreshDirectory("counted"));
        Assert.InRange(calls.Count, 20, 100);
        Assert.Equal("statuses a2 new2, roots 2, secret 222, rollout 2", await new KeptState(Path.Combine(_root, "counted")).ReadAsync());

        var (seen, killed) = (new HashSet<string>(StringComparer.Ordinal), 0);
        foreach (var (call, number) in calls)
        {
            var directory = FreshDirectory("crashed");
            killed += await RunAsync(directory, "-e", $"inject={call}:error=EIO:signal=KILL:when={number}") == 0 ? 0 : 1;
            var left = new KeptState(directory);
            var found = await left.ReadAsync();
            Assert.DoesNotContain("?", found, StringComparison.Ordinal);
            Assert.DoesNotContain("-1", found, StringComparison.Ordinal);
            Assert.Matches("^statuses a[12] (gone1|gone1 new2|new2), roots [12], secret [12]{3}, rollout [12]$", found);
            Assert.Equal("ca", left.ReadAuthority());
            left.WriteAfter();
            Assert.Equal("statuses a2 new2, roots 2, secret 222, rollout 2", await left.ReadAsync());
            seen.Add(found);
        }

        // It really was stopped in between. A runtime that opened fewer files than when they were counted may get through.
        Assert.InRange(seen.Count, 6, 20);
        Assert.InRange(killed, calls.Count * 3 / 4, calls.Count);
    }

    private string FreshDirectory(string name)
    {
        var directory = Path.Combine(_root, name);
        if (Directory.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        Directory.CreateDirectory(directory);
        Fresh(directory);
        return directory;
    }

    /// <summary>The first of the two states, in an empty directory.</summary>
    internal static KeptState Fresh(string directory)
    {
        var state = new KeptState(directory);
        for (var version = 1; version <= 3; version++)
        {
            using var plugins = new ScriptPlugins();
            plugins.Write("alpha", code: $"spec.code + \"{version}\"");
            Directory.CreateDirectory(Path.Combine(state.Plugins, $"v{version}"));
            DirectoryCopy.Of(Path.Combine(plugins.Root, "alpha"), Path.Combine(state.Plugins, $"v{version}", "alpha"));
        }

        state.WriteBefore();
        return state;
    }

    // Which of its calls have to do with the directory, each with its number among calls of that name.
    private async Task<IReadOnlyList<(string Call, int Number)>> CallsAsync(string directory)
    {
        var trace = Path.Combine(_root, "trace");
        Assert.Equal(0, await RunAsync(directory, "-y", "-o", trace));
        var lines = await File.ReadAllLinesAsync(trace);
        var main = lines[0].Split(' ')[0];
        var (counts, found) = (new Dictionary<string, int>(StringComparer.Ordinal), new List<(string, int)>());
        foreach (var line in lines.Where(line => line.Split(' ')[0] == main && line.Contains('(', StringComparison.Ordinal) && !line.Contains("resumed>", StringComparison.Ordinal)))
        {
            var call = line[main.Length..line.IndexOf('(', StringComparison.Ordinal)].Trim();
            counts[call] = counts.GetValueOrDefault(call) + 1;
            var changes = call is not "openat" || line.Contains("O_CREAT", StringComparison.Ordinal);
            if (changes && line.Contains(directory, StringComparison.Ordinal))
            {
                found.Add((call, counts[call]));
            }
        }

        return found;
    }

    private static async Task<int> RunAsync(string directory, params string[] options)
    {
        var start = new ProcessStartInfo("strace", ["-f", "--seccomp-bpf", "-qq", "-e", $"trace={Calls}", "-s", "300", .. options.Contains("-o") ? options : ["-o", "/dev/null", .. options], "dotnet", "exec", typeof(CrashTests).Assembly.Location, directory])
        {
            RedirectStandardError = true,
            Environment = { ["DOTNET_EnableDiagnostics"] = "0", ["DOTNET_EnableWriteXorExecute"] = "0", ["DOTNET_TieredCompilation"] = "1" },
        };
        using var process = Process.Start(start)!;
        var said = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
        await said;
        return process.ExitCode;
    }
}

/// <summary>A test that needs strace; it is skipped where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class StraceFactAttribute : FactAttribute
{
    public StraceFactAttribute() => Skip = File.Exists("/usr/bin/strace") ? null : "There is no strace.";
}
