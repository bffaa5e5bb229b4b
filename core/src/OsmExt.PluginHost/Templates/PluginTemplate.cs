using System.Text.RegularExpressions;
using OsmExt.PluginHost.Manifests;
using OsmExt.Yaml;
using Scriban;
using Scriban.Runtime;
using Scriban.Syntax;

namespace OsmExt.PluginHost.Templates;

/// <summary>A template of a plugin, parsed.</summary>
internal sealed class PluginTemplate
{
    /// <summary>The variable that holds the proxy; a template that uses it is rendered for each kind of proxy.</summary>
    public const string ProxyVariable = "proxy";

    private readonly Template _template;

    private PluginTemplate(Template template, string path)
    {
        (_template, Path) = (template, path);
        var uses = new Uses(ProxyVariable);
        uses.Visit(template.Page);
        DependsOnProxy = uses.Found;
    }

    /// <summary>Relative to the plugins' directory.</summary>
    public string Path { get; }

    public bool DependsOnProxy { get; }

    /// <summary>Null after reports.</summary>
    public static PluginTemplate? Parse(string text, string path, Findings findings)
    {
        var template = Template.Parse(text, path);
        foreach (var message in template.Messages)
        {
            findings.Error("", message.Message.TrimEnd('.'), "Mend the template", new YamlPosition(message.Span.Start.Line + 1, message.Span.Start.Column + 1));
        }

        return template.HasErrors ? null : new(template, path);
    }

    /// <exception cref="TemplateFailure">It cannot be rendered with this model.</exception>
    public RenderedText Render(ScriptObject model, TemplateLimits limits, TimeProvider time)
    {
        var output = new TemplateOutput(limits.Output);
        using var deadline = new TemplateDeadline(limits.Time, time);
        var context = new JsonTemplateContext(limits, output) { CancellationToken = deadline.Token };
        context.PushGlobal(model);
        // Variables of the template's own live here; the model below cannot be written to.
        context.PushGlobal(new ScriptObject());
        try
        {
            _template.Render(context);
        }
        catch (ScriptAbortException)
        {
            throw new TemplateFailure($"It takes longer than {limits.Time.TotalSeconds} s", context.CurrentSpan.Start.Line + 1) { IsLate = true };
        }
        catch (ScriptRuntimeException failure) when (failure.InnerException is TemplateFailure inner)
        {
            throw inner;
        }
        catch (ScriptRuntimeException failure)
        {
            throw new TemplateFailure(failure.OriginalMessage.TrimEnd('.'), failure.Span.Start.Line + 1) { IsLate = failure.InnerException is RegexMatchTimeoutException };
        }

        catch (Exception failure) when (failure is not TemplateFailure)
        {
            throw new TemplateFailure(failure.Message.TrimEnd('.'), context.CurrentSpan.Start.Line + 1);
        }

        return new(output.Text, output.OriginOf);
    }

    private sealed class Uses(string name) : ScriptVisitor
    {
        public bool Found { get; private set; }

        public override void Visit(ScriptVariableGlobal node) => Found |= string.Equals(node.Name, name, StringComparison.Ordinal);
    }
}

/// <summary>What a template gave, and where each line of it comes from.</summary>
internal sealed record RenderedText(string Text, Func<long, int> TemplateLineOf)
{
    /// <summary>Whether there is nothing but comments: the template has nothing to contribute in this case.</summary>
    public bool IsNothing => Text.Split('\n').All(line => line.AsSpan().Trim() is [] or ['#', ..]);
}
