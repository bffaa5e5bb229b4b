using Microsoft.Extensions.Logging.Abstractions;
using OsmExt.LocalRuntime.Processes;
using OsmExt.LocalRuntime.State;

namespace OsmExt.LocalRuntime.Tests.Processes;

public sealed class ProcessTests
{
    [Fact]
    public void A_stamp_is_read_behind_a_name_that_holds_anything()
    {
        const string Stat = "42 (a) R (b c) S 1 42 42 0 -1 4194304 100 0 0 0 1 2 0 0 20 0 1 0 987654 1000 10 18446744073709551615 0";

        Assert.Equal(new ProcessStamp(42, 987654), ProcessStamp.Parse(42, Stat));
        Assert.Null(ProcessStamp.Parse(42, Stat.Replace("c) S", "c) Z", StringComparison.Ordinal)));
        Assert.Null(ProcessStamp.Parse(42, "42 (cut off"));
    }

    [Fact]
    public void Only_the_process_of_that_start_time_is_the_same_one()
    {
        var self = ProcessStamp.Of(Environment.ProcessId);

        Assert.True(self!.Value.IsRunning);
        Assert.False((self.Value with { Started = self.Value.Started + 1 }).IsRunning);
        Assert.Null(ProcessStamp.Of(int.MaxValue));
    }

    [Fact]
    public void Without_proc_a_stamp_is_of_the_same_process_too()
    {
        var self = ProcessStamp.WithoutProc(Environment.ProcessId);

        Assert.NotNull(self);
        Assert.Equal(self, ProcessStamp.WithoutProc(Environment.ProcessId));
        Assert.Null(ProcessStamp.WithoutProc(int.MaxValue));
    }

    [Fact]
    public async Task Without_sessions_output_is_kept_and_a_program_is_started_again_and_ended()
    {
        var directory = Directory.CreateTempSubdirectory("osm-process-");
        try
        {
            var journal = RunJournal.Begin(directory.FullName, "m", makesNamespaces: false);
            var supervision = new Supervision(directory.FullName, TimeSpan.FromSeconds(20), journal, TimeProvider.System, NullLogger.Instance) { HasSessions = false };
            var process = new SupervisedProcess(new("ns.pod/app", "/bin/sh") { Arguments = ["-c", "echo said; echo wrong >&2; [ -e once ] && exec sleep 600; : > once"], WorkingDirectory = directory.FullName }, supervision);
            process.Start();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (process.Status is not { Restarts: 1, Pid: > 0 } || await File.ReadAllTextAsync(Path.Join(directory.FullName, "ns.pod/app.out.log"), limit.Token) != "said\nsaid\n")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, limit.Token);
            }

            var pid = process.Status.Pid;
            await process.DisposeAsync();

            Assert.Null(ProcessStamp.Of(pid));
            Assert.Equal("wrong\nwrong\n", await File.ReadAllTextAsync(Path.Join(directory.FullName, "ns.pod/app.err.log")));
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public void Restarts_come_later_each_time_and_soon_again_after_a_good_run()
    {
        var backoff = new RestartBackoff();

        var waits = Enumerable.Range(0, 8).Select(_ => backoff.After(TimeSpan.FromSeconds(1)).TotalMilliseconds);

        Assert.Equal([200, 400, 800, 1600, 3200, 6400, 10000, 10000], waits);
        Assert.Equal(200, backoff.After(TimeSpan.FromSeconds(10)).TotalMilliseconds);
        Assert.Equal(400, backoff.After(TimeSpan.FromSeconds(1)).TotalMilliseconds);
    }

    [Fact]
    public void A_command_line_is_one_chain_that_ends_in_the_program()
    {
        var spec = new ProcessSpec("shop.cart/app", "/images/app/app") { Arguments = ["-port", "80"], NetworkNamespace = "osm.m.shop.cart", User = 65534 };

        var line = spec.CommandLine("/logs", tool => $"/bin/{tool}");

        Assert.Equal(
            "/bin/setsid /bin/sh -c {script} sh /logs/shop.cart/app.out.log /logs/shop.cart/app.err.log /bin/ip netns exec osm.m.shop.cart "
            + "/bin/setpriv --reuid=65534 --regid=65534 --clear-groups --no-new-privs --inh-caps=-all --bounding-set=-all -- /images/app/app -port 80",
            string.Join(' ', line.Select(word => word.Contains("exec \"$@\"", StringComparison.Ordinal) ? "{script}" : word)));
        Assert.DoesNotContain("/bin/setpriv", (spec with { User = null }).CommandLine("/logs", tool => $"/bin/{tool}"));
    }

    [Fact]
    public async Task A_tool_that_hangs_is_ended_and_one_that_is_missing_is_a_reason()
    {
        var hanging = await Command.TryRunAsync("sleep", ["600"], null, TimeSpan.FromMilliseconds(100), default);
        var missing = await Command.TryRunAsync("/no/such/tool", [], null, TimeSpan.FromSeconds(20), default);
        var deaf = await Command.TryRunAsync("sh", ["-c", "exit 3"], new string('x', 1 << 20), TimeSpan.FromSeconds(20), default);

        Assert.StartsWith("not done after", hanging.Error, StringComparison.Ordinal);
        Assert.Equal(-1, missing.ExitCode);
        Assert.NotEqual("", missing.Error);
        Assert.Equal(3, deaf.ExitCode);
        var failure = await Assert.ThrowsAsync<IOException>(() => Command.RunAsync("sh", ["-c", "echo because >&2; exit 3"], null, default));
        Assert.EndsWith("failed with 3: because", failure.Message, StringComparison.Ordinal);
    }
}
