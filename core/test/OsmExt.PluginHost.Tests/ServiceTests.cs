using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.Extensions.Time.Testing;
using OsmExt.PluginHost.Loading;
using OsmExt.PluginHost.Services;
using OsmExt.Sdk.Plugins;

namespace OsmExt.PluginHost.Tests;

/// <summary>What plugins run beside the mesh, good and bad.</summary>
public sealed class ServiceTests : IDisposable
{
    private const string Service = "services:\n- {name: looker, type: OsmExt.PluginHost.TestPlugin.BehaviourService}\ncapabilities: [run-service]\n";
    private readonly PluginFolder _folder = new PluginFolder().Policy("plugins:\n  behaviour: {grants: [run-service]}\n");
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private int _published;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task What_a_service_publishes_becomes_input_and_follows_the_objects()
    {
        var (set, service) = Started("publish one");
        await UntilAsync(() => service.Status.Health == ServiceHealth.Healthy);
        Assert.Contains("-- one", Code(set, "publish one"), StringComparison.Ordinal);

        Offer(set, "publish two");
        await UntilAsync(() => service.Published == 2);
        Assert.Contains("-- two", Code(set, "publish two"), StringComparison.Ordinal);
        Assert.Equal(2, Volatile.Read(ref _published));
        Assert.Equal("It knows two", service.Status.Sentence);

        Offer(set, "service is over");
        await UntilAsync(() => service.Values == 0);
        Assert.Equal("", Code(set, "service is over"));
        await StopAsync(set);
    }

    [Fact]
    public async Task A_service_that_fails_is_started_again_after_growing_pauses_and_keeps_what_it_published()
    {
        var (set, service) = Started("publish one");
        await UntilAsync(() => service.Published == 1);
        Offer(set, "throw-in-service");
        foreach (var (restarts, pause) in new[] { (1, 1), (2, 2), (3, 4) })
        {
            await UntilAsync(() => service.Status.Sentence.Contains($"again {pause} s later", StringComparison.Ordinal));
            Assert.Equal((ServiceHealth.Unhealthy, true), (service.Status.Health, service.Status.Sentence.Contains("BadMoodException: the service is in a bad mood", StringComparison.Ordinal)));
            _time.Advance(TimeSpan.FromSeconds(pause) - TimeSpan.FromMilliseconds(1));
            Assert.Equal(restarts - 1, service.Restarts);
            _time.Advance(TimeSpan.FromMilliseconds(1));
            await UntilAsync(() => service.Restarts == restarts);
        }

        Assert.Contains("-- one", Code(set, "throw-in-service"), StringComparison.Ordinal);
        await StopAsync(set);
    }

    [Fact]
    public async Task One_that_cannot_be_made_is_a_failure_like_others()
    {
        var (set, service) = Started("one", Service.Replace("BehaviourService", "BrokenService", StringComparison.Ordinal));
        await UntilAsync(() => service.Status.Sentence.Contains("BadMoodException: it cannot even be made", StringComparison.Ordinal));
        await StopAsync(set);
    }

    [Theory]
    [InlineData("publish-nothing", "There is no value to publish as \"code\"")]
    [InlineData("publish-much", "A service publishes up to 1000 values of 1024 KiB in all")]
    public async Task What_cannot_be_published_is_told_and_not_published(string what, string message)
    {
        var (set, service) = Started(what);
        await UntilAsync(() => service.Status.Sentence.Contains(message, StringComparison.Ordinal));
        Assert.Equal(0, service.Values);
        await StopAsync(set);
    }

    [Fact]
    public async Task Garbage_that_is_published_fails_where_it_is_used()
    {
        var (set, service) = Started("publish-garbage");
        await UntilAsync(() => service.Published == 1);
        Assert.Contains(PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "publish-garbage")).Diagnostics,
            finding => finding is { Code: "OSM4002" } && finding.Message.Contains("JsonException", StringComparison.Ordinal));
        Assert.Equal(new(ServiceHealth.Unhealthy, "It says nothing"), service.Status);
        await StopAsync(set);
    }

    [Fact]
    public async Task One_that_publishes_and_logs_endlessly_floods_nobody_and_can_be_stopped()
    {
        var (set, service) = Started("publish-endlessly");
        await UntilAsync(() => service.Published > 1000);
        Assert.Equal(1, service.Values);
        Assert.InRange(_lines.Count, 1, 20);
        Assert.Contains("Warning Line 0 and another", _lines);
        await StopAsync(set);
        Assert.False(service.IsRunning);
        Assert.DoesNotContain(_lines, line => line.Contains("did not stop", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_does_not_stop_is_left_behind_and_what_it_does_then_counts_no_more()
    {
        var (set, service) = Started("hang-at-stop");
        await UntilAsync(() => service.Status.Health == ServiceHealth.Healthy);
        var stopped = set.StopServicesAsync();
        Assert.False(stopped.IsCompleted);
        _time.Advance(ServiceRun.StopTime);
        await stopped.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        Assert.Contains(_lines, line => line.StartsWith("Error It did not stop within 3 s and is left behind", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_that_returns_is_done()
    {
        var (set, service) = Started("end");
        await UntilAsync(() => !service.IsRunning);
        Assert.Equal(0, service.Restarts);
        await StopAsync(set);
    }

    [Fact]
    public async Task The_next_version_begins_with_what_was_published_and_after_the_one_before_has_ended()
    {
        var (before, old) = Started("publish one");
        await UntilAsync(() => old.Published == 1);
        File.AppendAllText(Path.Combine(_folder.Root, "behaviour", "plugin.yaml"), "# another\n");
        var next = _folder.Load(before, _time);
        Assert.Empty(next.Diagnostics);
        Assert.Contains("-- one", Code(next, "service is new"), StringComparison.Ordinal);

        before.DisposeExcept(next);
        next.StartServices(before, Events);
        var service = next.Plugins[0].Services.All[0];
        await UntilAsync(() => service.Status.Sentence == "It has nothing to do");
        Assert.Equal((false, 0), (old.IsRunning, service.Values));
        await StopAsync(next);
    }

    [Fact]
    public async Task A_plugin_with_a_service_is_really_unloaded()
    {
        var alive = await UseAndUnloadAsync();
        for (var round = 0; round < 30 && alive.IsAlive; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            SerializerCache.Evict();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(alive.IsAlive);
    }

    [Theory]
    [InlineData("services: [{name: looker, type: OsmExt.PluginHost.TestPlugin.BehaviourService}]", "capability run-service")]
    [InlineData("capabilities: [run-service]\nservices: [{name: looker, type: Nobody}]", "no type \"Nobody\"")]
    [InlineData("capabilities: [run-service]\nservices: [{name: looker, type: OsmExt.PluginHost.TestPlugin.BehaviourPlugin}]", "no public class that implements IPluginService")]
    [InlineData("capabilities: [run-service]\nservices: [{name: a, type: OsmExt.PluginHost.TestPlugin.BehaviourService}, {name: a, type: OsmExt.PluginHost.TestPlugin.BehaviourService}]", "Two services are called")]
    public void What_a_manifest_says_of_services_is_checked_when_it_is_loaded(string lines, string message)
        => Assert.Contains(_folder.WriteCode(text => text + lines + "\n").Load().Diagnostics, finding => finding.Message.Contains(message, StringComparison.Ordinal));

    private ServiceEvents Events => new(_ => Interlocked.Increment(ref _published), (_, _, level, text) => _lines.Enqueue($"{level} {text}"));

    private (PluginSet Set, ServiceRun Service) Started(string what, string manifest = Service)
    {
        var set = _folder.WriteCode(text => text + manifest).Load(time: _time);
        Assert.Empty(set.Diagnostics);
        var service = Assert.Single(set.Plugins[0].Services.All);
        Assert.Equal(new(ServiceHealth.Unhealthy, "It has not been started yet"), service.Status);
        Offer(set, what);
        set.StartServices(PluginSet.Empty, Events);
        return (set, service);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference> UseAndUnloadAsync()
    {
        var (set, service) = Started("publish one");
        await UntilAsync(() => service.Published == 1);
        Offer(set, "throw-in-service");
        await UntilAsync(() => service.Status.Sentence.Contains("bad mood", StringComparison.Ordinal));
        var reference = new WeakReference(set.Plugins[0].Code!.Plugin!.GetType().Assembly);
        set.DisposeExcept(PluginSet.Empty);
        await UntilAsync(() => set.Plugins[0].Code!.Plugin is null);
        return reference;
    }

    private static void Offer(PluginSet set, string what) => PluginFolder.Contribute(set, PluginFolder.Behaviour("a", what));

    private static string Code(PluginSet set, string what)
        => string.Join('\n', PluginFolder.Contribute(set, PluginFolder.Behaviour("a", what)).For(PluginFolder.Scope()).All.Select(item => item.Message.ToByteString().ToStringUtf8()));

    private static async Task StopAsync(PluginSet set)
    {
        await set.StopServicesAsync().WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        set.DisposeExcept(PluginSet.Empty);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        for (var round = 0; !condition(); round++)
        {
            Assert.True(round < 3000, "It did not happen within 30 s.");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
