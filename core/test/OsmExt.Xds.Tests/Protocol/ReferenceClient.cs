using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

/// <summary>
/// What a client knows, told in the simplest way: it remembers what it subscribed to, what it took and what it refused,
/// and judges every response by that. It shares no code with the server.
/// </summary>
internal sealed class ReferenceClient(bool delta)
{
    private static readonly string[] Order = ["CDS", "EDS", "LDS", "RDS", "SDS"];
    private readonly Dictionary<string, Known> _types = Order.ToDictionary(t => t, _ => new Known());

    public Dictionary<(string Type, string Name), XdsResource> World { get; } = [];

    /// <summary>As long as no time has passed nothing may overtake what it depends on.</summary>
    public bool TimePassed { get; set; }

    public Known this[string type] => _types[type];

    public void Set(string type, string name, XdsResource? resource)
    {
        var before = World.GetValueOrDefault((type, name));
        if (Equals(before, resource))
        {
            return;
        }

        _types[type].Refused.Remove(name);
        if (resource is null)
        {
            World.Remove((type, name));
            _types[type].Loose |= !delta && _types[type].Waiting.Remove(name);
        }
        else
        {
            World[(type, name)] = resource;
        }

        if (!delta && resource is null && type is not ("CDS" or "LDS"))
        {
            // Not said on the wire; the resource is news if it comes back.
            _types[type].Sent.Remove(name);
            _types[type].Taken.Remove(name);
        }
    }

    public void Subscribed(string type, string[] names)
    {
        var known = _types[type];
        var first = known.Begin();
        if (delta)
        {
            known.Everything |= (first && names.Length == 0) || names.Contains("*");
            var asksAll = (first && names.Length == 0) || (names.Contains("*") && !known.OnlyImplied);
            known.OnlyImplied = names.Length == 0 && (known.OnlyImplied || first);
            known.Names.UnionWith(names.Where(n => n != "*"));
            Await(type, names.Where(n => n != "*"));
            known.WaitingForAll |= asksAll;
            return;
        }

        known.EverNamed |= names.Length > 0;
        var everything = names.Contains("*") || (names.Length == 0 && !known.EverNamed);
        known.WaitingForAll |= everything && !known.Everything;
        var wanted = names.Where(n => n != "*").ToHashSet();
        Await(type, wanted.Except(known.Names));
        known.Everything = everything;
        known.Names = wanted;
        known.ForgetUncovered();
    }

    public void Unsubscribed(string type, string[] names)
    {
        var known = _types[type];
        var first = known.Begin();
        var named = known.Names.Intersect(names).ToList();
        known.Names.ExceptWith(names);
        if (names.Contains("*"))
        {
            known.Loose |= known.WaitingForAll;
            known.Everything = known.OnlyImplied = known.WaitingForAll = false;
        }

        Await(type, named.Where(known.Covers));
        known.ForgetUncovered();
    }

    public void Judge(string line, XdsResponse response)
    {
        var type = line.Split(' ')[0];
        var known = _types[type];
        Assert.True(known.Begun, $"{line}: nobody asked for this type");
        Assert.True(known.Unanswered is null, $"{line}: the response before is not answered");
        Assert.Equal(response.Resources.Select(r => r.Name).Distinct().Order(StringComparer.Ordinal), response.Resources.Select(r => r.Name));
        var answer = known.AnswerDue || known.WaitingForAll || known.Waiting.Count > 0;
        if (!delta && type is "CDS" or "LDS")
        {
            JudgeFull(line, type, known, response);
        }
        else
        {
            JudgePartial(line, type, known, response);
        }

        var takesAway = response.Removed.Count > 0 || (IsFull(type) && known.Sent.Count + known.Uncertain.Count > 0);
        Assert.True(answer || known.Loose || response.Resources.Count > 0 || takesAway, $"{line}: says nothing");
        if (!answer && !known.Loose && !TimePassed)
        {
            JudgeOrder(line, type, response);
        }

        var changed = response.Resources.Where(r => known.Sent.GetValueOrDefault(r.Name) != r.Version || (!IsFull(type) && known.MayRepeat(r.Name))).ToList();
        if (type == "CDS")
        {
            _types["EDS"].Owed.UnionWith(changed.Select(r => r.Name));
        }

        foreach (var resource in response.Resources)
        {
            known.Sent[resource.Name] = resource.Version;
            known.Waiting.Remove(resource.Name);
            known.Owed.Remove(resource.Name);
        }

        foreach (var name in response.Removed.Concat(IsFull(type) ? known.Sent.Keys.Union(known.Uncertain).Union(known.Brought.Keys).Except(response.Resources.Select(r => r.Name)).ToList() : []))
        {
            known.Brought.Remove(name);
            known.Sent.Remove(name);
            known.Waiting.Remove(name);
            known.Taken.Remove(name);
            known.Uncertain.Remove(name);
        }

        known.Waiting.RemoveWhere(n => !delta || known.Refused.ContainsKey(n) || (World.TryGetValue((type, n), out var r) && known.Kept.GetValueOrDefault(n) == r.Version));
        known.AnswerDue = known.WaitingForAll = known.Loose = false;
        known.Kept = [];
        known.Unanswered = changed;
    }

    public void Acked(string type)
    {
        var known = _types[type];
        foreach (var resource in known.Unanswered!.Where(r => known.Sent.GetValueOrDefault(r.Name) == r.Version))
        {
            known.Taken[resource.Name] = resource.Version;
            known.Brought.Remove(resource.Name);
            known.Refused.Remove(resource.Name);
        }

        known.HasHistory = true;
        known.Unanswered = null;
    }

    /// <summary>Refuses the named resource of the last response, or all of it.</summary>
    public void Nacked(string type, string? name)
    {
        var known = _types[type];
        var refused = known.Unanswered!.Where(r => name is null ? known.Taken.GetValueOrDefault(r.Name) != r.Version : r.Name == name).ToList();
        foreach (var resource in known.Unanswered!)
        {
            var isRefused = refused.Contains(resource);
            if (isRefused)
            {
                known.EverRefused.Add((resource.Name, resource.Version));
            }

            if (isRefused && Equals(World.GetValueOrDefault((type, resource.Name)), resource))
            {
                known.Refused[resource.Name] = resource.Version;
                known.Loose |= known.Waiting.Remove(resource.Name);
            }

            if (!isRefused && name is null)
            {
                continue;
            }

            if (!isRefused && IsFull(type))
            {
                known.Taken[resource.Name] = resource.Version;
                known.Brought.Remove(resource.Name);
                continue;
            }

            if (!isRefused && known.Taken.GetValueOrDefault(resource.Name) == resource.Version)
            {
                known.Owed.Add(resource.Name);
            }

            if (known.Covers(resource.Name) && known.Sent.ContainsKey(resource.Name))
            {
                known.Uncertain.Add(resource.Name);
                known.Revert(resource.Name);
            }
        }

        if (type == "CDS")
        {
            _types["EDS"].Owed.ExceptWith(refused.Select(r => r.Name));
        }

        known.Unanswered = null;
    }

    /// <summary>The client comes back, perhaps as another process. Returns its first requests.</summary>
    public IEnumerable<Resumption> Resume(bool restarted)
    {
        foreach (var known in _types.Values)
        {
            known.BeginStream();
            if (restarted)
            {
                known.Restart();
            }
        }

        return [.. _types.Where(t => t.Value.Begun).Select(t => delta ? ResumeDelta(t.Key, t.Value) : ResumeFull(t.Key, t.Value))];
    }

    private Resumption ResumeDelta(string type, Known known)
    {
        var versions = new Dictionary<string, string>(known.Taken);
        if (versions.Count == 0)
        {
            known.Refused.Clear();
        }

        // What it has of an old version is in Sent too: the server knows that there is something.
        foreach (var (name, version) in versions)
        {
            known.Sent[name] = version;
        }

        known.OnlyImplied = known.Everything && known.Names.Count == 0;
        Await(type, known.Names.Where(n => !versions.TryGetValue(n, out var v) || World.GetValueOrDefault((type, n))?.Version != v));
        known.Kept = new(versions);
        return new(type, versions, versions.Count > 0, [.. known.Names, .. (string[])(known.Everything && !known.OnlyImplied ? ["*"] : [])]);
    }

    private Resumption ResumeFull(string type, Known known)
    {
        if (!known.HasHistory)
        {
            // It took parts of what it refused, but names no version: for the server it is one that has nothing.
            known.Refused.Clear();
            known.Brought.Clear();
            known.Taken.Clear();
        }

        foreach (var (name, version) in known.Taken)
        {
            known.Brought[name] = version;
        }

        known.Taken.Clear();
        string[] names = [.. known.Names, .. (string[])(known.Everything && known.EverNamed ? ["*"] : [])];
        known.EverNamed = names.Length > 0;
        known.WaitingForAll = known.Everything;
        Await(type, known.Names);
        return new(type, [], known.HasHistory, names);
    }

    /// <summary>Everything was answered: the client must have what there is, but for what it refused.</summary>
    public void JudgeEnd()
    {
        foreach (var (type, known) in _types.Where(t => t.Value.Begun))
        {
            foreach (var resource in World.Where(w => w.Key.Type == type && known.Covers(w.Key.Name)).Select(w => w.Value))
            {
                Assert.True(
                    known.Taken.GetValueOrDefault(resource.Name) == resource.Version || known.Refused.GetValueOrDefault(resource.Name) == resource.Version || known.IsDoubtful(resource),
                    $"{type} {resource.Name} is missing");
            }

            Assert.False(known.AnswerDue, $"{type} was asked for and never answered");
            var owed = known.Owed.Where(n => type == "EDS" && known.Covers(n) && World.TryGetValue((type, n), out var r) && known.Refused.GetValueOrDefault(n) != r.Version && !known.IsDoubtful(r));
            Assert.Empty(owed);
            var surplus = known.Taken.Keys.Where(n => !World.ContainsKey((type, n))).ToList();
            Assert.True(surplus.Count == 0 || !(delta || IsFull(type)), $"{type} {string.Join(' ', surplus)} should have been removed");
        }
    }

    /// <summary>What cannot be sent now may be sent by the answer, if it changes soon enough, or later as a change.</summary>
    private void Await(string type, IEnumerable<string> names)
    {
        foreach (var name in names)
        {
            _types[type].Kept.Remove(name);
            var exists = World.TryGetValue((type, name), out var resource);
            var sendable = exists ? _types[type].Refused.GetValueOrDefault(name) != resource!.Version : delta;
            _types[type].Loose |= !sendable;
            _ = sendable && _types[type].Waiting.Add(name);
        }
    }

    private bool IsFull(string type) => !delta && type is "CDS" or "LDS";

    private void JudgeFull(string line, string type, Known known, XdsResponse response)
    {
        var sent = response.Resources.ToDictionary(r => r.Name, r => r.Version);
        foreach (var resource in World.Where(w => w.Key.Type == type && known.Covers(w.Key.Name)).Select(w => w.Value))
        {
            var isRefused = known.Refused.GetValueOrDefault(resource.Name) == resource.Version || known.IsDoubtful(resource);
            var (isSent, taken) = (sent.GetValueOrDefault(resource.Name), known.Taken.GetValueOrDefault(resource.Name));
            Assert.True(isSent == resource.Version || (isRefused && isSent == taken), $"{line}: {resource.Name} is not what it should be");
            Assert.True(isSent is not null || !known.Brought.ContainsKey(resource.Name), $"{line}: {resource.Name} exists and is taken away");
            Assert.True(!isRefused || isSent == taken || known.CameBack, $"{line}: {resource.Name} was refused");
        }

        foreach (var name in sent.Keys.Where(n => !World.ContainsKey((type, n))))
        {
            Assert.True(known.Sent.GetValueOrDefault(name) == sent[name], $"{line}: {name} is gone and the client did not have it");
        }
    }

    private void JudgePartial(string line, string type, Known known, XdsResponse response)
    {
        foreach (var resource in response.Resources)
        {
            Assert.True(known.Covers(resource.Name), $"{line}: {resource.Name} is not subscribed");
            Assert.True(Equals(World.GetValueOrDefault((type, resource.Name)), resource), $"{line}: {resource.Name} is not the latest");
            Assert.False(known.Refused.GetValueOrDefault(resource.Name) == resource.Version, $"{line}: {resource.Name} was refused");
            Assert.True(known.Sent.GetValueOrDefault(resource.Name) != resource.Version || known.MayRepeat(resource.Name), $"{line}: {resource.Name} is no news");
        }

        foreach (var name in response.Removed)
        {
            Assert.True(delta, $"{line}: there are no removals in this variant");
            Assert.False(World.ContainsKey((type, name)), $"{line}: {name} exists");
            Assert.True(known.Loose || known.Waiting.Contains(name) || known.Sent.ContainsKey(name) || known.Uncertain.Contains(name), $"{line}: {name} was never there");
        }

        foreach (var name in known.Waiting.Where(n => World.TryGetValue((type, n), out var r) && known.Refused.GetValueOrDefault(n) != r.Version && known.Kept.GetValueOrDefault(n) != r.Version && !known.IsDoubtful(r)))
        {
            Assert.True(response.Resources.Any(r => r.Name == name), $"{line}: {name} was asked for");
        }
    }

    private void JudgeOrder(string line, string type, XdsResponse response)
    {
        var removes = response.Removed.Count > 0 || (IsFull(type) && _types[type].Sent.Keys.Except(response.Resources.Select(r => r.Name)).Any());
        foreach (var other in Order)
        {
            var earlier = Array.IndexOf(Order, other) < Array.IndexOf(Order, type);
            Assert.False((earlier || removes) && _types[other].Unanswered is not null, $"{line}: {other} is not answered");
            var pending = World.Any(w => w.Key.Type == other && _types[other].Begun && _types[other].Covers(w.Key.Name)
                && _types[other].Sent.GetValueOrDefault(w.Key.Name) != w.Value.Version && _types[other].Refused.GetValueOrDefault(w.Key.Name) != w.Value.Version);
            Assert.False((earlier || (removes && other != type)) && pending, $"{line}: {other} has changes to be sent first");
            var later = Array.IndexOf(Order, other) > Array.IndexOf(Order, type);
            var surplus = (delta || IsFull(other)) && _types[other].Begun && _types[other].Sent.Keys.Any(n => _types[other].Covers(n) && !World.ContainsKey((other, n)));
            Assert.False(removes && later && surplus, $"{line}: {other} has removals to be sent first");
        }
    }

    /// <summary>The first request of a type on another stream.</summary>
    internal sealed record Resumption(string Type, Dictionary<string, string> Versions, bool HasHistory, string[] Names);
}
