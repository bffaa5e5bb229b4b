using System.Runtime.CompilerServices;
using Microsoft.Extensions.Time.Testing;
using OsmExt.PluginHost.Loading;
using OsmExt.Sdk.Diagnostics;

namespace OsmExt.PluginHost.Tests;

public sealed class CodeTests : IDisposable
{
    private readonly PluginFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_plugin_with_code_contributes_through_its_templates()
    {
        var set = _folder.WriteCode().Load();
        Assert.Empty(set.Diagnostics);

        var item = Assert.Single(PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "-- lua")).For(PluginFolder.Scope()).All);

        Assert.Equal(("behaviour.lua.shop.a", "Behaviour shop/a"), (item.Name, item.Origin.ToString()));
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("throw", "BadMoodException: it is in a bad mood")]
    [InlineData("throw-worse", "WorseMoodException")]
    [InlineData("null", "answered null")]
    [InlineData("hang", "took longer than")]
    [InlineData("allocate", "allocated")]
    [InlineData("write", "InvalidCastException")]
    [InlineData("other-slot", "that its manifest does not leave to it")]
    public void A_plugin_that_fails_is_left_out_or_holds_its_proxies_and_no_others(string what, string reason)
    {
        foreach (var failure in new[] { "open", "closed" })
        {
            using var folder = new PluginFolder();
            var set = folder.Write().WriteCode(text => text.Replace("failure: open", $"failure: {failure}", StringComparison.Ordinal)).Load();

            var contributions = PluginFolder.Contribute(set, PluginFolder.Behaviour("bad", what) + PluginFolder.Script("good", "{}"));

            Assert.Contains(contributions.Diagnostics, finding => finding.Code == DiagnosticCodes.PluginFailed && finding.Message.Contains(reason, StringComparison.Ordinal));
            Assert.Equal("lua", Assert.Single(contributions.For(PluginFolder.Scope()).All).Plugin);
            Assert.Equal(failure == "closed", contributions.For(PluginFolder.Scope()).Held is not null);
            Assert.Null(contributions.For(PluginFolder.Scope("other")).Held);
            set.DisposeExcept(PluginSet.Empty);
        }
    }

    [Theory]
    [InlineData("say Strict Always", "Strict Always", null)]
    [InlineData("say strict Always", null, "is no type of a condition")]
    [InlineData("say Strict/er Always", null, "is no type of a condition")]
    [InlineData("say Strict always!", null, "is no reason")]
    [InlineData("say Strict Always other", null, "it was given no such object")]
    public void A_plugin_may_say_things_of_its_objects_status_and_of_no_others(string what, string? said, string? problem)
    {
        var set = _folder.WriteCode().Load();

        var contributions = PluginFolder.Contribute(set, PluginFolder.Behaviour("a", what));

        Assert.Equal(said is null ? [] : [$"behaviour Behaviour shop/a {said}"], contributions.Conditions.Select(entry => $"{entry.Plugin} {entry.Condition.Object} {entry.Condition.Type} {entry.Condition.Reason}"));
        Assert.Equal(problem is not null, contributions.Diagnostics.Any(finding => finding.Message.Contains(problem ?? "nobody says this", StringComparison.Ordinal)));
        Assert.DoesNotContain(contributions.Diagnostics, finding => finding.Severity == Severity.Error);
        set.DisposeExcept(PluginSet.Empty);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("huge")]
    public void Garbage_costs_one_contribution(string what)
    {
        var set = _folder.WriteCode().Load();

        var contributions = PluginFolder.Contribute(set, PluginFolder.Behaviour("bad", what) + PluginFolder.Behaviour("good", "-- lua"));

        Assert.Equal("good", Assert.Single(contributions.For(PluginFolder.Scope()).All).Origin!.Value.Name);
        Assert.Contains(contributions.Diagnostics, finding => finding is { Code: DiagnosticCodes.ContributionRefused, Object.Name: "bad" });
        set.DisposeExcept(PluginSet.Empty);
    }

    [Fact]
    public void Three_failures_open_the_breaker_for_a_while()
    {
        var time = new FakeTimeProvider();
        var set = _folder.WriteCode().Load(time: time);
        for (var call = 0; call < 3; call++)
        {
            Assert.Contains(Failures(set), message => message.Contains("bad mood", StringComparison.Ordinal));
        }

        Assert.Contains(Failures(set), message => message.Contains("not called for 30 s", StringComparison.Ordinal));
        time.Advance(TimeSpan.FromSeconds(31));
        Assert.Contains(Failures(set), message => message.Contains("bad mood", StringComparison.Ordinal));
        set.DisposeExcept(PluginSet.Empty);

        static IEnumerable<string> Failures(PluginSet set) => PluginFolder.Contribute(set, PluginFolder.Behaviour("a", "throw")).Diagnostics.Select(finding => finding.Message);
    }

    [Theory]
    [InlineData("-- lua")]
    [InlineData("throw")]
    [InlineData("garbage")]
    public async Task A_plugin_is_really_unloaded(string what)
    {
        var alive = LoadUseAndUnload(what);
        for (var round = 0; round < 30 && alive.IsAlive; round++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), TimeProvider.System);
            SerializerCache.Evict();
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.False(alive.IsAlive);
    }

    // Not inlined, so that no local of it lives on.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference LoadUseAndUnload(string what)
    {
        var set = _folder.WriteCode().Load();
        PluginFolder.Contribute(set, PluginFolder.Behaviour("a", what)).For(PluginFolder.Scope());
        var reference = new WeakReference(set.Plugins[0].Code!.Plugin!.GetType().Assembly);
        set.DisposeExcept(PluginSet.Empty);
        return reference;
    }
}
